package import HarborFleet
package import StoreCache
import Synchronization

/// A store of fleets in memory.
package final class MemoryFleetStore: FleetStore {
    private struct State {
        var fleets: [FleetID: Fleet] = [:]
        var revision: Int64 = 0
        var lookUps = 0
        var incarnations: Int64 = 0
        var removals: [VehicleRemoval] = []
        var removalsAsked = 0
        var failure: StoreError?
        var listFailure: StoreError?
        var listGate: (@Sendable () async -> Void)?
        var lookUpGate: (@Sendable () async -> Void)?
        var removalsGate: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    /// A store with fleets of these ids.
    package init(_ ids: [FleetID] = []) {
        state.withLock { state in
            for id in ids { state.fleets[id] = Fleet(id: id, name: id.rawValue) }
        }
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
    }

    package func removeFleet(_ id: FleetID) async throws(StoreError) {
        let wasThere = state.withLock { state in
            state.revision += 1
            return state.fleets.removeValue(forKey: id) != nil
        }
        guard wasThere else { throw StoreError(.notFound, detail: "fleet") }
    }

    package func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) {
        throw StoreError(.notFound, detail: "vehicle")
    }

    package func recentRemovals(within period: Duration) async throws(StoreError) -> [VehicleRemoval] {
        await state.withLock { $0.removalsGate }?()
        return state.withLock { state in
            state.removalsAsked += 1
            return state.removals
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
