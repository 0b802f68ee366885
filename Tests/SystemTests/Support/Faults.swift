import HarborFleet
import HarborFleetTesting
import StoreCache
import Supervision
import Synchronization

/// Makes a tracker fail when it applies a fix of a certain vehicle.
final class Poison: Sendable {
    struct Swallowed: Error {}

    static let vehicle = "poison"
    /// The failures that are left.
    private let failuresLeft = Mutex(0)

    /// Makes every such fix fail, or none.
    func arm(_ arms: Bool) { failuresLeft.withLock { $0 = arms ? .max : 0 } }

    /// Makes one such fix fail. The same fix may come again by the merge after its commit.
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

/// What the trackers' supervisor reports.
typealias CrashLog = EventRecorder<SupervisionEvent>

extension [SupervisionEvent] {
    /// How often a child failed.
    func failures(of child: String) -> Int {
        count { if case .failed = $0.kind { $0.child == child } else { false } }
    }

    /// How often a child got ready.
    func starts(of child: String) -> Int {
        count { if case .ready = $0.kind { $0.child == child } else { false } }
    }

    func isQuarantined(_ child: String) -> Bool {
        contains { if case .quarantined = $0.kind { $0.child == child } else { false } }
    }
}

/// Keeps every live event after its subscribers have it.
struct RecordingSink: LiveEventSink {
    let subscribers: any LiveEventSink
    let log: EventLog

    func publish(_ events: [LiveEvent], of fleetID: FleetID) {
        subscribers.publish(events, of: fleetID)
        log.publish(events, of: fleetID)
    }
}

/// The real store, with a gate before or after each commit.
final class HeldFixStore: FixStore {
    enum Place: Sendable { case beforeCommit, afterCommit }

    private struct State: Sendable {
        var place: Place?
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let store: any FixStore
    private let state = Observed(State())

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

    /// Makes commits wait at this place until `release`.
    func hold(_ place: Place) { state.change { $0.place = place } }

    /// Returns once `count` commits wait.
    func waitUntilHeld(_ count: Int) async { await state.wait { $0.held.count == count } }

    func release() {
        let held = state.change { state in
            state.place = nil
            defer { state.held = [] }
            return state.held
        }
        for commit in held { commit.resume() }
    }

    private func pass(_ place: Place) async {
        await withCheckedContinuation { continuation in
            let isHeld = state.change { state in
                guard state.place == place else { return false }
                state.held.append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
    }
}
