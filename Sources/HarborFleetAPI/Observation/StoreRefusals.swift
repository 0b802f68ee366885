internal import HarborFleet
internal import Logging
internal import StoreCache

/// Tells the operator why requests get a 503 that the database causes by refusing: it logs the first of each
/// reason, then one a minute. A database that does not respond is reported elsewhere.
final class StoreRefusals: Sendable {
    private let warnings: RareWarnings

    init(logger: Logger) {
        warnings = RareWarnings(logger)
    }

    func note(_ error: any Error, requestID: String) {
        guard let reason = Self.reason(of: error) else { return }
        warnings.warn(
            "the database refuses a request", of: reason,
            ["request_id": "\(requestID)", "reason": "\(reason)"])
    }

    private static func reason(of error: any Error) -> String? {
        switch error {
        case let error as StoreError where error.kind == .unavailable: error.reason
        case FleetError.unavailable(_, let reason): reason
        default: nil
        }
    }
}
