internal import Processes
internal import Supervision
internal import Synchronization

/// The stage of the server process, and how its stop was requested.
final class Lifecycle: Sendable {
    enum Stage: String, Sendable {
        /// Next: running, draining.
        case starting
        /// Next: draining.
        case running
        /// A stop was requested: no new work is accepted, and work in progress is finished. Last stage.
        case draining
    }

    private struct State {
        var stage = Stage.starting
        var isStopRequested = false
        var signal: StopSignals.Kind?
    }

    private let state = Mutex(State())

    /// The signal that requested the stop; nil before, and when no signal did.
    var stopSignal: StopSignals.Kind? { state.withLock { $0.signal } }

    /// Whether the whole process must end. False when only some children are stopped, to be restarted.
    var isStopRequested: Bool { state.withLock { $0.isStopRequested } }

    /// - Parameter signal: nil when the task that runs the server was cancelled.
    func stopRequested(_ signal: StopSignals.Kind?) {
        state.withLock { state in
            if !state.isStopRequested { state.signal = signal }
            state.isStopRequested = true
        }
    }

    var stage: Stage { state.withLock { $0.stage } }

    /// Moves to a later stage; an earlier stage is not entered again.
    func enter(_ stage: Stage) {
        state.withLock { state in
            if state.stage != .draining { state.stage = stage }
        }
    }

    /// Runs the server's supervisor until the task is cancelled.
    ///
    /// The supervisor has a task of its own, so that the stop is recorded before a child learns of it.
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
