internal import HarborFleetWeb
internal import Processes
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

    private struct Stop {
        var isRequested = false
        var signal: StopSignals.Kind?
    }

    private let current = Mutex(Stage.starting)
    private let stop = Mutex(Stop())

    /// The signal that asked for the stop; nil before, and when it was no signal.
    var stopSignal: StopSignals.Kind? { stop.withLock { $0.signal } }

    /// Whether the whole process is to end, and not just some of its children, to be started anew.
    var isStopRequested: Bool { stop.withLock { $0.isRequested } }

    /// - Parameter signal: nil when the task that runs the server was cancelled.
    func stopRequested(_ signal: StopSignals.Kind?) {
        stop.withLock { stop in
            if !stop.isRequested { stop.signal = signal }
            stop.isRequested = true
        }
    }

    var stage: Stage { current.withLock { $0 } }

    /// Moves on; a stage that lies behind is not entered again.
    func enter(_ stage: Stage) {
        current.withLock { current in
            if current != .draining { current = stage }
        }
    }

    var check: ReadinessCheck {
        switch stage {
        case .starting: ReadinessCheck(.failed, "the server is starting")
        case .running: ReadinessCheck(.ok, "running")
        case .draining: ReadinessCheck(.failed, "the server is draining: it is about to stop")
        }
    }
}
