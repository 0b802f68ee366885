internal import EventLoops
internal import HarborFleet
internal import Logging
internal import Metrics
internal import Synchronization

/// Tells the operator why POSTs of fixes are answered 401, which the answer does not: counts each cause, and logs the first
/// refusal of each and then one a minute.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_refused_total` | POSTs | answered 401, by `cause` |
final class IngestRefusals: Sendable {
    private let logger: Logger
    private let counters: [IngestRefusal.Cause: Counter]
    private let lines = Mutex(RefusalLog())

    init(logger: Logger, factory: any MetricsFactory = MetricsSystem.factory) {
        self.logger = logger
        let counters = IngestRefusal.Cause.allCases.map { cause in
            let dimensions = [("cause", cause.rawValue)]
            return (
                cause,
                Counter(label: "harbor_ingest_refused_total", dimensions: dimensions, factory: factory)
            )
        }
        self.counters = Dictionary(uniqueKeysWithValues: counters)
    }

    func note(_ refusal: IngestRefusal, requestID: String) {
        counters[refusal.cause]?.increment()
        let unwritten = lines.withLock { $0.refused(refusal.cause.rawValue, now: .read()) }
        guard let unwritten else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "cause": "\(refusal.cause.rawValue)",
        ]
        if let fleetID = refusal.fleetID { metadata["fleet_id"] = "\(fleetID)" }
        if let partnerID = refusal.partnerID { metadata["partner_id"] = "\(partnerID)" }
        if let seconds = refusal.staleBySeconds { metadata["stale_by_s"] = .stringConvertible(seconds) }
        if unwritten > 0 { metadata["unwritten"] = .stringConvertible(unwritten) }
        logger.warning("a POST of fixes is refused", metadata: metadata)
    }
}
