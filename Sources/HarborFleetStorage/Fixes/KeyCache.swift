internal import HarborFleet
internal import StoreCache
internal import Synchronization

/// The database's keys of fleets and vehicles, once they are known. Bounded: when it is full the coldest vehicle goes, so that
/// a partner with very many vehicles does not take everybody's keys away.
///
/// Keys are good as long as nothing was removed, by whatever process; what comes back has another key. So they
/// belong to a number of removals (`revision.removals`), and every call says which one it means: what a unit
/// learned under an earlier number never gets in among later ones.
final class KeyCache: Sendable {
    struct VehicleIdentity: Hashable, Sendable {
        let fleetKey: Int64
        let vehicleID: VehicleID
    }

    private struct Keys {
        var removals: Int64?
        var fleets: [FleetID: Int64] = [:]
        var vehicles: BoundedTable<VehicleIdentity, Int64>

        init(removals: Int64? = nil, maximumVehicles: Int) {
            self.removals = removals
            vehicles = BoundedTable(capacity: maximumVehicles)
        }
    }

    private let keys: Mutex<Keys>
    private let maximumVehicles: Int

    init(maximumVehicles: Int = 1_000_000) {
        self.maximumVehicles = maximumVehicles
        keys = Mutex(Keys(maximumVehicles: maximumVehicles))
    }

    /// The number of removals for which there are keys; nil before the first one is known.
    var removals: Int64? { keys.withLock { $0.removals } }

    /// There were `removals` removals, as the database says: keys from before are forgotten.
    func advance(to removals: Int64) {
        keys.withLock { keys in
            // Of two who asked, the slower may have asked first.
            if let known = keys.removals, known >= removals { return }
            keys = Keys(removals: removals, maximumVehicles: maximumVehicles)
        }
    }

    /// A connection was lost: behind the next one may be another server, which does not have all that this one had.
    func forget() {
        keys.withLock { $0 = Keys(maximumVehicles: maximumVehicles) }
    }

    func fleetKeys(of ids: Set<FleetID>, removals: Int64) -> [FleetID: Int64] {
        keys.withLock { keys in
            keys.removals == removals ? keys.fleets.filter { ids.contains($0.key) } : [:]
        }
    }

    func learn(fleets: [FleetID: Int64], removals: Int64) {
        keys.withLock { keys in
            if keys.removals == removals { keys.fleets.merge(fleets) { $1 } }
        }
    }

    /// The keys of vehicles, nil where unknown, in order.
    func vehicleKeys(of vehicles: [VehicleIdentity], removals: Int64) -> [Int64?] {
        keys.withLock { keys in
            vehicles.map { keys.removals == removals ? keys.vehicles.use($0) : nil }
        }
    }

    /// Call it after the commit only: a vehicle whose transaction failed has no such key.
    func learn(vehicles: [VehicleIdentity: Int64], removals: Int64) {
        keys.withLock { keys in
            guard keys.removals == removals else { return }
            for (identity, key) in vehicles { keys.vehicles[identity] = key }
        }
    }
}
