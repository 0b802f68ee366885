internal import HarborFleetWeb
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

    private let current = Mutex(Stage.starting)
    private let stop = Mutex<ServerSignals.Kind?>(nil)

    /// The signal that asked for the stop; nil before, and when it was no signal.
    var stopSignal: ServerSignals.Kind? { stop.withLock { $0 } }

    func stopRequested(_ signal: ServerSignals.Kind) {
        stop.withLock { $0 = $0 ?? signal }
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
