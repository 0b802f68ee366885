package import HarborFleet
package import StoreCache
import Synchronization

/// A store of fleets in memory. The tests of the stores run the same cases on it and on that of PostgreSQL.
package final class MemoryFleetStore: FleetStore {
    private struct State {
        var fleets: [FleetID: Fleet] = [:]
        var revision: Int64 = 0
        var lookUps = 0
        var incarnations: Int64 = 0
        var removals: [VehicleRemoval] = []
        var ownRemovals: [VehicleRemoval] = []
        var removalsAsked = 0
        var failure: StoreError?
        var listFailure: StoreError?
        var listGate: (@Sendable () async -> Void)?
        var lookUpGate: (@Sendable () async -> Void)?
        var removalsGate: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())
    private let fixes: MemoryFixStore?

    /// A store with fleets of these ids.
    /// - Parameter fixes: the store whose fixes go with their fleet or vehicle. It refuses posts to other fleets.
    package init(_ ids: [FleetID] = [], fixes: MemoryFixStore? = nil) {
        self.fixes = fixes
        state.withLock { state in
            for id in ids { state.fleets[id] = Fleet(id: id, name: id.rawValue) }
        }
        fixes?.follow(ids)
    }

    /// The number of look-ups of single fleets.
    package var lookUps: Int { state.withLock { $0.lookUps } }

    package func fleets() async throws(StoreError) -> [Fleet] {
        let (failure, fleets) = state.withLock { ($0.listFailure, Array($0.fleets.values)) }
        await state.withLock { $0.listGate }?()
        if let failure { throw failure }
        return fleets
    }

    package func fleets(_ ids: [FleetID]) async throws(StoreError) -> [FleetID: Fleet] {
        await state.withLock { $0.lookUpGate }?()
        return state.withLock { state in
            state.lookUps += ids.count
            return state.fleets.filter { ids.contains($0.key) }
        }
    }

    package func revision() async throws(StoreError) -> Int64 {
        let (failure, revision) = state.withLock { ($0.failure, $0.revision) }
        if let failure { throw failure }
        return revision
    }

    /// Makes `revision` fail, or succeed again.
    package func failRevision(_ failure: StoreError?) {
        state.withLock { $0.failure = failure }
    }

    /// Makes `fleets` fail, or succeed again.
    package func failList(_ failure: StoreError?) {
        state.withLock { $0.listFailure = failure }
    }

    /// Awaited after each list of fleets was read and before it is returned.
    package func holdList(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.listGate = gate }
    }

    /// Awaited before each look-up of one fleet.
    package func holdLookUps(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.lookUpGate = gate }
    }

    /// Awaited before each list of removals.
    package func holdRemovals(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.removalsGate = gate }
    }

    package func add(_ fleet: Fleet) async throws(StoreError) {
        let isNew = state.withLock { state in
            guard state.fleets[fleet.id] == nil else { return false }
            state.incarnations += 1
            state.fleets[fleet.id] = Fleet(id: fleet.id, name: fleet.name, incarnation: state.incarnations)
            state.revision += 1
            return true
        }
        guard isNew else { throw StoreError(.alreadyExists, detail: "fleet") }
        fixes?.addFleet(fleet.id)
    }

    package func removeFleet(_ id: FleetID) async throws(StoreError) {
        let wasThere = state.withLock { state in
            guard state.fleets.removeValue(forKey: id) != nil else { return false }
            state.revision += 1
            state.ownRemovals.removeAll { $0.fleetID == id }
            return true
        }
        guard wasThere else { throw StoreError(.notFound, detail: "fleet") }
        fixes?.removeFleet(id)
    }

    package func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) {
        guard fixes?.remove(id, of: fleetID) == true else { throw StoreError(.notFound, detail: "vehicle") }
        let removal = VehicleRemoval(fleetID: fleetID, vehicleID: id, removedAt: SystemWallClock().now())
        state.withLock { state in
            state.revision += 1
            state.ownRemovals.removeAll { $0.fleetID == fleetID && $0.vehicleID == id }
            state.ownRemovals.append(removal)
        }
    }

    package func recentRemovals(within period: Duration) async throws(StoreError) -> [VehicleRemoval] {
        await state.withLock { $0.removalsGate }?()
        let (removals, own) = state.withLock { state in
            state.removalsAsked += 1
            return (state.removals, state.ownRemovals)
        }
        let now = SystemWallClock().now()
        let recent = own.filter { now.since($0.removedAt) < period }
        return removals
            + recent.map { removal in
                var removal = removal
                removal.newest = fixes?.newestFix(of: removal.vehicleID, removal.fleetID)
                return removal
            }
    }

    /// The number of reads of recent removals.
    package var removalsAsked: Int { state.withLock { $0.removalsAsked } }

    /// Sets the recent removals, as another process would.
    package func setRecentRemovals(_ removals: [VehicleRemoval]) {
        state.withLock { state in
            if !removals.isEmpty { state.revision += 1 }
            state.removals = removals
        }
    }
}
