import Supervision
import Synchronization

/// A clock that stands still until the test moves it.
package final class ManualClock: SupervisionClock {
    private struct Sleeper {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// A test that waits for what `isMet` says of the deadlines of the sleepers.
    private struct Watcher {
        let isMet: @Sendable ([ContinuousClock.Instant]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: ContinuousClock.Instant
        var lastID: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        var watchers: [Watcher] = []

        var deadlines: [ContinuousClock.Instant] { sleepers.values.map(\.deadline) }

        /// Takes out the watchers whose condition is met.
        mutating func takeWatchers() -> [Watcher] {
            guard !watchers.isEmpty else { return [] }
            let deadlines = deadlines
            let met = watchers.filter { $0.isMet(deadlines) }
            watchers.removeAll { $0.isMet(deadlines) }
            return met
        }
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
            let (sleeper, told) = state.withLock { state in
                (state.sleepers.removeValue(forKey: id), state.takeWatchers())
            }
            sleeper?.continuation.resume(throwing: CancellationError())
            for watcher in told { watcher.continuation.resume() }
        }
    }

    /// Moves the time and wakes every sleeper whose deadline has come, the earliest first.
    package func advance(by duration: Duration) {
        let (due, told) = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            let inOrder = due.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
            return (inOrder.map(\.value), state.takeWatchers())
        }
        for sleeper in due { sleeper.continuation.resume() }
        for watcher in told { watcher.continuation.resume() }
    }

    /// The number of sleepers now.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Returns once at least `count` sleep, so that `advance` reaches them.
    package func waitForSleepers(_ count: Int) async { await wait { $0.count >= count } }

    /// Returns once none sleeps.
    package func waitForNoSleeper() async { await wait { $0.isEmpty } }

    /// Returns once the next one to wake wakes at `deadline`.
    package func waitForDeadline(_ deadline: ContinuousClock.Instant) async {
        await wait { $0.min() == deadline }
    }

    private func wait(until isMet: @escaping @Sendable ([ContinuousClock.Instant]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if isMet(state.deadlines) { return true }
                state.watchers.append(Watcher(isMet: isMet, continuation: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private enum Admission { case sleeps, isDue, isCancelled }

    private func add(_ sleeper: Sleeper, _ id: UInt64) {
        let (admission, told) = state.withLock { state -> (Admission, [Watcher]) in
            if Task.isCancelled { return (.isCancelled, []) }
            if sleeper.deadline <= state.now { return (.isDue, []) }
            state.sleepers[id] = sleeper
            return (.sleeps, state.takeWatchers())
        }
        for watcher in told { watcher.continuation.resume() }
        switch admission {
        case .sleeps: break
        case .isDue: sleeper.continuation.resume()
        case .isCancelled: sleeper.continuation.resume(throwing: CancellationError())
        }
    }
}
