internal import HarborFleet
internal import Synchronization

/// The database's keys of fleets and vehicles, once they are known. Bounded: when full it starts afresh.
final class KeyCache: Sendable {
    struct VehicleIdentity: Hashable, Sendable {
        let fleetKey: Int64
        let vehicleID: VehicleID
    }

    private struct Keys {
        var fleets: [FleetID: Int64] = [:]
        var vehicles: [VehicleIdentity: Int64] = [:]
    }

    private let keys = Mutex(Keys())
    private let maximumVehicles: Int

    init(maximumVehicles: Int = 1_000_000) {
        self.maximumVehicles = maximumVehicles
    }

    func fleetKeys(of ids: Set<FleetID>) -> [FleetID: Int64] {
        keys.withLock { keys in keys.fleets.filter { ids.contains($0.key) } }
    }

    func learn(fleets: [FleetID: Int64]) {
        keys.withLock { $0.fleets.merge(fleets) { $1 } }
    }

    /// A fleet that was removed may have come back under another key.
    func forgetFleets() {
        keys.withLock { $0.fleets = [:] }
    }

    /// The keys of vehicles, nil where unknown, in order.
    func vehicleKeys(of vehicles: [VehicleIdentity]) -> [Int64?] {
        keys.withLock { keys in vehicles.map { keys.vehicles[$0] } }
    }

    /// Call it after the commit only: a vehicle whose transaction failed has no such key.
    func learn(vehicles: [VehicleIdentity: Int64]) {
        keys.withLock { keys in
            if keys.vehicles.count + vehicles.count > maximumVehicles { keys.vehicles = [:] }
            keys.vehicles.merge(vehicles) { $1 }
        }
    }
}
