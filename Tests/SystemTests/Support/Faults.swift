import HarborFleet
import StoreCache
import Supervision
import Synchronization

/// Makes a tracker fail that is to apply a fix of a certain vehicle.
final class Poison: Sendable {
    struct Swallowed: Error {}

    static let vehicle = "poison"
    /// Failures that are still to come.
    private let failuresLeft = Mutex(0)

    /// From now on, or no longer.
    func arm(_ arms: Bool) { failuresLeft.withLock { $0 = arms ? .max : 0 } }

    /// For one failure: the same fix may come again by the merge after its commit.
    func armOnce() { failuresLeft.withLock { $0 = 1 } }

    var check: @Sendable (FleetID, [StoredFix]) throws -> Void {
        { [self] _, fixes in
            guard fixes.contains(where: { $0.fix.vehicleID.rawValue == Self.vehicle }) else { return }
            let fails = failuresLeft.withLock { left in
                defer { if left > 0, left < .max { left -= 1 } }
                return left > 0
            }
            if fails { throw Swallowed() }
        }
    }
}

/// Counts what the trackers' supervisor tells.
final class CrashLog: Sendable {
    private let kinds = Mutex<[String: [SupervisionEvent.Kind]]>([:])

    var observe: SupervisionObserver {
        { [self] event in kinds.withLock { $0[event.child, default: []].append(event.kind) } }
    }

    /// How often a child failed.
    func failures(of child: String) -> Int {
        kinds.withLock { kinds in
            (kinds[child] ?? []).count { if case .failed = $0 { true } else { false } }
        }
    }
}

/// The real store, with a gate before or after each commit.
final class HeldFixStore: FixStore {
    enum Place: Sendable { case beforeCommit, afterCommit }

    private struct State {
        var place: Place?
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any FixStore
    private let state = Mutex(State())

    init(_ store: any FixStore) { self.store = store }

    func newestFixes(of fleetID: FleetID) async throws(StoreError) -> [StoredFix] {
        try await store.newestFixes(of: fleetID)
    }

    func record(
        _ posts: [PendingPost], by deadline: Deadline
    ) async throws(StoreError) -> [PostOutcome] {
        await pass(.beforeCommit)
        let outcomes = try await store.record(posts, by: deadline)
        await pass(.afterCommit)
        return outcomes
    }

    /// Commits wait at this place until `release`.
    func hold(_ place: Place) { state.withLock { $0.place = place } }

    /// How many wait.
    var held: Int { state.withLock { $0.held.count } }

    func release() {
        let held = state.withLock { state in
            state.place = nil
            defer { state.held = [] }
            return state.held
        }
        for commit in held { commit.resume() }
    }

    private func pass(_ place: Place) async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                guard state.place == place else { return false }
                state.held.append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }
}
