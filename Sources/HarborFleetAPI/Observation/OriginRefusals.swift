internal import Logging
internal import Metrics

/// Logs why pages are refused with 403 or 421, or get no WebSocket, and which header a proxy in
/// front must pass. It counts each cause, and logs the first refusal of each and then one a minute.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_origin_refused_total` | requests | refused because of `Origin` or `Host`, by `cause` |
final class OriginRefusals: Sendable {
    private let warnings: RareWarnings
    private let counters: [OriginRefusal.Cause: Counter]

    init(logger: Logger, factory: any MetricsFactory = MetricsSystem.factory) {
        warnings = RareWarnings(logger)
        counters = Dictionary(
            label: "harbor_origin_refused_total",
            causes: OriginRefusal.Cause.allCases.map { ($0, $0.rawValue) }, factory: factory)
    }

    func note(_ refusal: OriginRefusal, requestID: String) {
        counters[refusal.cause]?.increment()
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "cause": "\(refusal.cause.rawValue)",
            "origin": "\(refusal.origin ?? "none")", "host": "\(refusal.host ?? "none")",
            "client": "\(refusal.client)", "hint": "\(refusal.cause.hint)",
        ]
        if let header = refusal.cause.header { metadata["proxy_must_pass"] = "\(header)" }
        warnings.warn("a page is refused for its Origin or Host", of: refusal.cause.rawValue, metadata)
    }

    /// Logs a WebSocket request that came without its upgrade: the map in that browser never goes live.
    func noteLostUpgrade(requestID: String) {
        warnings.warn(
            "a WebSocket cannot open: its request lacks the header fields that ask for an upgrade",
            of: "upgrade",
            [
                "request_id": "\(requestID)", "proxy_must_pass": "Upgrade, Connection",
                "hint": """
                nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \
                "upgrade"
                """,
            ])
    }
}
