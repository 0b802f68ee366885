internal import HarborFleet
internal import Logging
internal import StoreCache

/// Logs why the database refuses requests, which then get 503: the first refusal for each reason, then one line a
/// minute. `OutageLog` reports a database that does not respond.
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
