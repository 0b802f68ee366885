package import StoreCache

/// Which fleets and vehicles there are.
package protocol FleetStore: Sendable {
    /// Every fleet that is not removed, in any order.
    func fleets() async throws(StoreError) -> [Fleet]

    /// Those of the named fleets that are there, by id.
    func fleets(_ ids: [FleetID]) async throws(StoreError) -> [FleetID: Fleet]

    /// A number that changes whenever a fleet, vehicle, partner, secret or token was added, changed or
    /// removed by anyone. One cheap row: it is asked for twice a second.
    func revision() async throws(StoreError) -> Int64

    /// Adds a fleet. Throws `.alreadyExists` for a live id; a removed fleet comes back empty.
    func add(_ fleet: Fleet) async throws(StoreError)

    /// Hides a fleet at once; its positions and fixes are deleted later. Throws `.notFound`.
    func removeFleet(_ id: FleetID) async throws(StoreError)

    /// Hides a vehicle at once; its position and fixes are deleted later. Throws `.notFound`.
    func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError)

    /// The vehicles that were removed in the last `period`, each once, with its last removal. Not those that went
    /// with their fleet.
    func recentRemovals(within period: Duration) async throws(StoreError) -> [VehicleRemoval]
}

/// A vehicle that was removed, and may have come back since.
package struct VehicleRemoval: Sendable, Equatable {
    package var fleetID: FleetID
    package var vehicleID: VehicleID
    /// By the store's clock.
    package var removedAt: Timestamp
    /// The newest fix of the vehicle that came back under this id; nil while there is none.
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
