internal import HarborFleet
internal import HarborFleetWeb
internal import Supervision
internal import Synchronization

/// Where the keeper of partitions shows how it does, and where it is called when a fix had no place.
final class PartitionBoard: Sendable {
    let clock: any WallClock
    /// A fix had no partition.
    let calls = Signal()
    private let state: Mutex<PartitionSupply>

    init(retentionDays: Int, clock: any WallClock = SystemWallClock()) {
        self.clock = clock
        state = Mutex(PartitionSupply(retentionDays: retentionDays))
    }

    var supply: PartitionSupply { state.withLock { $0 } }

    var check: ReadinessCheck { supply.check(at: clock.now()) }

    func update(_ change: (inout PartitionSupply) -> Void) {
        state.withLock { change(&$0) }
    }
}

/// The store of fixes; calls the keeper of partitions when a fix had no place.
struct PartitionWatchingStore: FixStore {
    let store: any FixStore
    let partitions: PartitionBoard

    func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix] {
        try await store.newestFixes(of: fleetID)
    }

    func record(
        _ posts: [PendingPost], within limit: Duration
    ) async throws(StoreError) -> [PostOutcome] {
        do {
            return try await store.record(posts, within: limit)
        } catch {
            if error.kind == .notYet { partitions.calls.raise() }
            throw error
        }
    }
}
