internal import HarborFleet
internal import Logging
internal import Supervision

extension Logger {
    /// Logs the events of supervisors.
    var supervisionObserver: SupervisionObserver {
        { event in
            var metadata: Logger.Metadata = ["supervisor": "\(event.supervisor)", "child": "\(event.child)"]
            let (level, message): (Logger.Level, Logger.Message)
            switch event.kind {
            case .failed(let reason):
                (level, message) = (.error, "a child failed")
                metadata["error"] = "\(reason)"
            case .abandoned(let shutdown):
                (level, message) = (.error, "a child did not stop in time")
                metadata["waited_ms"] = .stringConvertible(shutdown.wholeMilliseconds)
            case .quarantined(let coolDown):
                (level, message) = (.error, "a child is quarantined")
                metadata["for_ms"] = .stringConvertible(coolDown.wholeMilliseconds)
            case .restarting: (level, message) = (.warning, "a child is restarted")
            case .released: (level, message) = (.notice, "a child is no longer quarantined")
            case .started, .ready, .ended: (level, message) = (.debug, "child \(event.kind)")
            }
            log(level: level, message, metadata: metadata)
        }
    }
}
