internal import HarborFleet
internal import Logging
internal import Supervision

/// Writes what supervisors do into the log.
struct SupervisionLog: Sendable {
    private let logger: Logger

    init(_ logger: Logger) {
        self.logger = logger
    }

    var observer: SupervisionObserver {
        { [logger] event in
            let metadata: Logger.Metadata = ["supervisor": "\(event.supervisor)", "child": "\(event.child)"]
            switch event.kind {
            case .failed(let reason):
                logger.error("a child failed", metadata: metadata.merging(["error": "\(reason)"]) { $1 })
            case .abandoned(let shutdown):
                logger.error(
                    "a child ignores its stop",
                    metadata: metadata.merging([
                        "waited_ms": .stringConvertible(shutdown.wholeMilliseconds)
                    ]) { $1 })
            case .quarantined(let coolDown):
                logger.error(
                    "a child is quarantined",
                    metadata: metadata.merging([
                        "for_ms": .stringConvertible(coolDown.wholeMilliseconds)
                    ]) { $1 })
            case .restarting: logger.warning("a child is restarted", metadata: metadata)
            case .released: logger.notice("a child is no longer quarantined", metadata: metadata)
            case .started, .ready, .ended: logger.debug("child \(event.kind)", metadata: metadata)
            }
        }
    }
}
