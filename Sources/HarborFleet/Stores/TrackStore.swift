package import StoreCache

/// Reads the stored fixes of one vehicle in chronological order.
package protocol TrackStore: Sendable {
    /// Looks up a vehicle that exists.
    func vehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) -> VehicleLookUp

    /// The first fixes of a vehicle that were recorded in `period`, oldest first. Returns at most `limit` fixes,
    /// and ends early with the fix at which the attributes reach `attributeBytes` in total.
    ///
    /// Each call is independent: no transaction or connection is held between two calls.
    func fixes(
        of vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int, attributeBytes: Int
    ) async throws(StoreError) -> [StoredFix]

    /// Whether the line through the first `limit` fixes of a vehicle in `period` crosses the antimeridian (RFC 7946
    /// section 3.1.9). Between two successive fixes the shorter way is assumed.
    func crossesAntimeridian(
        _ vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int
    ) async throws(StoreError) -> Bool
}

/// The result of looking up a vehicle by its name.
package enum VehicleLookUp: Sendable, Equatable {
    case found(TrackedVehicle)
    case unknownFleet
    /// The fleet exists, but the vehicle does not.
    case unknownVehicle
}

/// One life of a vehicle. A vehicle that is removed and comes back under the same id is a different one.
package struct TrackedVehicle: Sendable, Equatable {
    package let id: VehicleID
    /// The store's own key.
    package let key: Int64

    package init(id: VehicleID, key: Int64) {
        self.id = id
        self.key = key
    }
}
