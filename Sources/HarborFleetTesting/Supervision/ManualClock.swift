import Supervision
import Synchronization

/// A clock that stands still until the test moves it.
package final class ManualClock: SupervisionClock {
    private struct Sleeper {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: ContinuousClock.Instant
        var lastID: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    /// A clock that shows `now`.
    package init(now: ContinuousClock.Instant = .now) { state = Mutex(State(now: now)) }

    package func now() -> ContinuousClock.Instant { state.withLock { $0.now } }

    package func sleep(until deadline: ContinuousClock.Instant) async throws {
        let id = state.withLock { state in
            state.lastID &+= 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                add(Sleeper(deadline: deadline, continuation: $0), id)
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the time and wakes every sleeper whose deadline has come, the earliest first.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
        }
        for (_, sleeper) in due { sleeper.continuation.resume() }
    }

    /// The number of sleepers now.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// When the next of them wakes; nil when there is no sleeper.
    package var earliestDeadline: ContinuousClock.Instant? {
        state.withLock { $0.sleepers.values.map(\.deadline).min() }
    }

    /// Returns once there are at least `count` sleepers, so that `advance` reaches them.
    package func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private enum Admission { case sleeps, isDue, isCancelled }

    private func add(_ sleeper: Sleeper, _ id: UInt64) {
        let (admission, told) = state.withLock { state -> (Admission, [CheckedContinuation<Void, Never>]) in
            if Task.isCancelled { return (.isCancelled, []) }
            if sleeper.deadline <= state.now { return (.isDue, []) }
            state.sleepers[id] = sleeper
            let count = state.sleepers.count
            let told = state.watchers.filter { $0.count <= count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= count }
            return (.sleeps, told)
        }
        for continuation in told { continuation.resume() }
        switch admission {
        case .sleeps: break
        case .isDue: sleeper.continuation.resume()
        case .isCancelled: sleeper.continuation.resume(throwing: CancellationError())
        }
    }
}
