internal import HarborFleet
internal import StoreCache
internal import Synchronization

/// A cache of the database's keys of fleets and vehicles. Bounded: when it is full, the vehicle that was not used
/// for longest is dropped, so a partner with very many vehicles does not displace all other keys.
///
/// Keys stay valid until any process removes a fleet or vehicle; one that comes back has another key. So the keys
/// belong to a number of removals (`revision.removals`), and every call says which number it means. Keys that a
/// batch learned under an earlier number are thus never mixed with later ones.
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

    /// The number of removals for which the cache holds keys; nil until the first one is known.
    var removals: Int64? { keys.withLock { $0.removals } }

    /// The database reports that there have been `removals` removals: older keys are dropped.
    func advance(to removals: Int64) {
        keys.withLock { keys in
            // Of two concurrent queries the older result may arrive last, and must not win.
            if let known = keys.removals, known >= removals { return }
            keys = Keys(removals: removals, maximumVehicles: maximumVehicles)
        }
    }

    /// Drops all keys. Called when a connection was lost: the next one may lead to another server that lacks some
    /// of the data of the previous one.
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

    /// The keys of vehicles in order; nil for each one that is unknown.
    func vehicleKeys(of vehicles: [VehicleIdentity], removals: Int64) -> [Int64?] {
        keys.withLock { keys in
            vehicles.map { keys.removals == removals ? keys.vehicles.use($0) : nil }
        }
    }

    /// Must be called only after the commit: a vehicle whose transaction failed does not have that key.
    func learn(vehicles: [VehicleIdentity: Int64], removals: Int64) {
        keys.withLock { keys in
            guard keys.removals == removals else { return }
            for (identity, key) in vehicles { keys.vehicles[identity] = key }
        }
    }
}
