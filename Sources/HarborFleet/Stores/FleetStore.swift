package import StoreCache

/// The store of fleets and vehicles.
package protocol FleetStore: Sendable {
    /// Every fleet that is not removed, in any order.
    func fleets() async throws(StoreError) -> [Fleet]

    /// Those of the named fleets that exist, by id.
    func fleets(_ ids: [FleetID]) async throws(StoreError) -> [FleetID: Fleet]

    /// A number that changes whenever anyone adds, changes or removes a fleet, vehicle, partner, secret or token.
    /// Must be cheap to read, one row: it is polled twice a second.
    func revision() async throws(StoreError) -> Int64

    /// Adds a fleet. Throws `.alreadyExists` when a fleet with that id exists; adding a removed fleet creates it
    /// again, empty.
    func add(_ fleet: Fleet) async throws(StoreError)

    /// Hides a fleet at once; its positions and fixes are deleted later. Throws `.notFound`.
    func removeFleet(_ id: FleetID) async throws(StoreError)

    /// Hides a vehicle at once; its position and fixes are deleted later. Throws `.notFound`.
    func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError)

    /// The vehicles that were removed within the last `period`, each once, with its last removal. Vehicles that
    /// were removed together with their fleet are not included.
    func recentRemovals(within period: Duration) async throws(StoreError) -> [VehicleRemoval]
}

/// A vehicle that was removed. It may have come back since.
package struct VehicleRemoval: Sendable, Equatable {
    package var fleetID: FleetID
    package var vehicleID: VehicleID
    /// By the store's clock.
    package var removedAt: Timestamp
    /// The newest fix of the vehicle since it came back under this id; nil when it has not come back.
    package var newest: StoredFix?

    package init(
        fleetID: FleetID, vehicleID: VehicleID, removedAt: Timestamp, newest: StoredFix? = nil
    ) {
        self.fleetID = fleetID
        self.vehicleID = vehicleID
        self.removedAt = removedAt
        self.newest = newest
    }
}
