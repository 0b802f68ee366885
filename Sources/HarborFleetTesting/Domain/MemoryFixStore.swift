package import HarborFleet
package import StoreCache
package import Supervision
import Synchronization

/// A store of fixes in memory. It does what `FixStore` promises, and fails when a test says so. The tests of the stores
/// run the same cases on this store and on that of PostgreSQL.
package final class MemoryFixStore: FixStore {
    private struct Identity: Hashable {
        let fleetID: FleetID
        let vehicleID: VehicleID
        let recordedAt: Timestamp
    }

    private struct State {
        var fixes: [Identity: StoredFix] = [:]
        var receipts: [PostID: PostOutcome] = [:]
        /// The fleets whose fixes are recorded; nil for all.
        var fleets: Set<FleetID>?
        var units: [Int] = []
        var loads: [FleetID: Int] = [:]
        var recordFailure: (@Sendable ([PendingPost]) -> StoreError?)?
        var loadFailure: (@Sendable (FleetID) -> StoreError?)?
        var gate: (@Sendable () async -> Void)?
        var loadGate: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix] {
        let gate = state.withLock { state in
            state.loads[fleetID, default: 0] += 1
            return state.loadGate
        }
        await gate?()
        let (failure, rows) = state.withLock { state in
            (state.loadFailure, state.fixes.filter { $0.key.fleetID == fleetID }.map(\.value))
        }
        if let error = failure?(fleetID) { throw error }
        return Dictionary(grouping: rows, by: \.fix.vehicleID).values.compactMap { Self.newest($0) }
    }

    private static func newest(_ rows: [StoredFix]) -> StoredFix? { rows.max { $1.isNewer(than: $0) } }

    /// All fixes of a vehicle, the oldest first.
    package func history(of vehicleID: VehicleID, _ fleetID: FleetID) -> [StoredFix] {
        let rows = state.withLock { state in
            state.fixes.filter { $0.key.fleetID == fleetID && $0.key.vehicleID == vehicleID }
        }
        return rows.values.sorted { $0.fix.recordedAt < $1.fix.recordedAt }
    }

    /// The newest fix of a vehicle.
    func newestFix(of vehicleID: VehicleID, _ fleetID: FleetID) -> StoredFix? {
        Self.newest(history(of: vehicleID, fleetID))
    }

    package func record(
        _ posts: [PendingPost], by deadline: Deadline
    ) async throws(StoreError) -> [PostOutcome] {
        let gate = state.withLock { state in
            state.units.append(posts.count)
            return state.gate
        }
        await gate?()
        let failure = state.withLock { $0.recordFailure }
        if let error = failure?(posts) { throw error }
        let outcomes = state.withLock { state -> [PostOutcome]? in
            guard posts.allSatisfy({ state.fleets?.contains($0.fleetID) ?? true }) else { return nil }
            return posts.map { Self.record($0, &state) }
        }
        guard let outcomes else { throw StoreError(.notFound, detail: "fleet") }
        return outcomes
    }

    /// The number of posts in each unit, in order.
    package var units: [Int] { state.withLock { $0.units } }

    /// The number of durable fixes.
    package var count: Int { state.withLock { $0.fixes.count } }

    /// The number of times that a fleet was loaded.
    package func loads(of fleetID: FleetID) -> Int { state.withLock { $0.loads[fleetID] ?? 0 } }

    /// Makes the units fail for which `failure` returns an error.
    package func failRecording(_ failure: (@Sendable ([PendingPost]) -> StoreError?)?) {
        state.withLock { $0.recordFailure = failure }
    }

    /// Makes the loads fail for which `failure` returns an error.
    package func failLoading(_ failure: (@Sendable (FleetID) -> StoreError?)?) {
        state.withLock { $0.loadFailure = failure }
    }

    /// Awaited before each load.
    package func holdLoading(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.loadGate = gate }
    }

    /// Awaited before each unit.
    package func holdRecording(_ gate: (@Sendable () async -> Void)?) {
        state.withLock { $0.gate = gate }
    }

    /// Inserts rows without a post, as another server would.
    package func insert(_ rows: [StoredFix], into fleetID: FleetID) {
        state.withLock { state in
            for row in rows { _ = Self.insert(row, fleetID, &state) }
        }
    }

    /// Removes a vehicle's rows, as its removal would.
    /// - Returns: whether it had any.
    @discardableResult
    package func remove(_ vehicleID: VehicleID, of fleetID: FleetID) -> Bool {
        remove { $0.fleetID == fleetID && $0.vehicleID == vehicleID }
    }

    private func remove(_ isRemoved: (Identity) -> Bool) -> Bool {
        state.withLock { state in
            let before = state.fixes.count
            state.fixes = state.fixes.filter { !isRemoved($0.key) }
            return state.fixes.count < before
        }
    }

    /// From now on posts to other fleets than these and those that are added are refused.
    func follow(_ fleets: [FleetID]) { state.withLock { $0.fleets = Set(fleets) } }

    func addFleet(_ id: FleetID) { state.withLock { _ = $0.fleets?.insert(id) } }

    /// Takes the rows of a fleet out, and refuses its posts.
    func removeFleet(_ id: FleetID) {
        state.withLock { _ = $0.fleets?.remove(id) }
        _ = remove { $0.fleetID == id }
    }

    private static func record(_ post: PendingPost, _ state: inout State) -> PostOutcome {
        if let receipt = state.receipts[post.postID] { return receipt }
        let places = post.fixes.indices.filter { insert(post.fixes[$0], post.fleetID, &state) }
        let duplicates = post.fixes.count - places.count
        state.receipts[post.postID] = PostOutcome(accepted: places.count, duplicates: duplicates)
        return PostOutcome(
            accepted: places.count, duplicates: duplicates,
            acceptedPlaces: duplicates == 0 || places.isEmpty ? nil : places)
    }

    private static func insert(_ row: StoredFix, _ fleetID: FleetID, _ state: inout State) -> Bool {
        let identity = Identity(
            fleetID: fleetID, vehicleID: row.fix.vehicleID, recordedAt: row.fix.recordedAt)
        guard state.fixes[identity] == nil else { return false }
        state.fixes[identity] = row
        return true
    }
}
