internal import Processes
internal import Supervision
internal import Synchronization

/// Where the server process is in its life.
final class Lifecycle: Sendable {
    enum Stage: String, Sendable {
        /// Next: running, draining.
        case starting
        /// Next: draining.
        case running
        /// Asked to stop: no new work is wanted, what is under way is finished. Last.
        case draining
    }

    private struct State {
        var stage = Stage.starting
        var isStopRequested = false
        var signal: StopSignals.Kind?
    }

    private let state = Mutex(State())

    /// The signal that asked for the stop; nil before, and when it was no signal.
    var stopSignal: StopSignals.Kind? { state.withLock { $0.signal } }

    /// Whether the whole process is to end, and not just some of its children, to be started anew.
    var isStopRequested: Bool { state.withLock { $0.isStopRequested } }

    /// - Parameter signal: nil when the task that runs the server was cancelled.
    func stopRequested(_ signal: StopSignals.Kind?) {
        state.withLock { state in
            if !state.isStopRequested { state.signal = signal }
            state.isStopRequested = true
        }
    }

    var stage: Stage { state.withLock { $0.stage } }

    /// Moves on; a stage that lies behind is not entered again.
    func enter(_ stage: Stage) {
        state.withLock { state in
            if state.stage != .draining { state.stage = stage }
        }
    }

    /// Runs the server's supervisor until the task is cancelled.
    ///
    /// The supervisor has a task of its own, so that the stop is on record before a child hears of it.
    func run(_ supervisor: Supervisor, onReady: @escaping @Sendable () -> Void) async throws {
        let run = Task { try await supervisor.run(onReady: onReady) }
        try await withTaskCancellationHandler {
            try await run.value
        } onCancel: {
            stopRequested(nil)
            run.cancel()
        }
    }

    var service: Service { Service(checks: ["lifecycle": { self.check }]) }

    var check: HealthCheck {
        switch stage {
        case .starting: HealthCheck(.failed, "the server is starting")
        case .running: HealthCheck(.ok, "running")
        case .draining: HealthCheck(.failed, "the server is draining: it is about to stop")
        }
    }
}
