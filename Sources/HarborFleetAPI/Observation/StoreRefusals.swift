internal import HarborFleet
internal import Logging
internal import StoreCache
internal import Synchronization
internal import Telemetry

/// Tells the operator why requests are answered 503 that the database refuses: the first of each reason, then one a minute.
/// Of a database that does not answer others tell.
final class StoreRefusals: Sendable {
    private let logger: Logger
    private let lines = Mutex(RefusalLog())

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ error: any Error, requestID: String) {
        guard let reason = Self.reason(of: error) else { return }
        guard let unwritten = lines.withLock({ $0.refused(reason, now: .now) }) else { return }
        var metadata: Logger.Metadata = ["request_id": "\(requestID)", "reason": "\(reason)"]
        metadata.add(unwritten: unwritten)
        logger.warning("the database refuses a request", metadata: metadata)
    }

    private static func reason(of error: any Error) -> String? {
        switch error {
        case let error as StoreError where error.kind == .unavailable: error.reason
        case FleetError.unavailable(_, let reason): reason
        default: nil
        }
    }
}
