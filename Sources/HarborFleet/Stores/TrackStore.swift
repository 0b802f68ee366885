package import StoreCache

/// Reads what is stored of one vehicle, in the order of time.
package protocol TrackStore: Sendable {
    /// Looks for a vehicle among those that are there.
    func vehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) -> VehicleLookUp

    /// The first fixes of a vehicle that were recorded in `period`, the oldest first: `limit` of them, or fewer when
    /// their attributes come to `attributeBytes` before; the fix with which they do is the last one.
    ///
    /// Each call reads for itself: between two of them no transaction is open and no connection is taken.
    func fixes(
        of vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int, attributeBytes: Int
    ) async throws(StoreError) -> [StoredFix]

    /// Whether the line through the first `limit` fixes of a vehicle in `period` crosses the antimeridian, as RFC 7946
    /// section 3.1.9 has it: from one fix to the next the shorter way is meant.
    func crossesAntimeridian(
        _ vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int
    ) async throws(StoreError) -> Bool
}

/// What a store knows of a vehicle's name.
package enum VehicleLookUp: Sendable, Equatable {
    case found(TrackedVehicle)
    case unknownFleet
    /// The fleet is there, the vehicle is not.
    case unknownVehicle
}

/// One life of a vehicle: one that is removed and comes back under the same id is another.
package struct TrackedVehicle: Sendable, Equatable {
    package let id: VehicleID
    /// The store's own.
    package let key: Int64

    package init(id: VehicleID, key: Int64) {
        self.id = id
        self.key = key
    }
}
