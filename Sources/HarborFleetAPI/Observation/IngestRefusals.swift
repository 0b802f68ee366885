internal import FleetAccess
internal import HarborFleet
internal import Logging
internal import Metrics
internal import Synchronization
internal import Telemetry

/// Logs why POSTs of fixes are refused with 401, because the response does not say it. It counts each
/// cause, and logs at most six refusals a minute for one cause and one fleet. Unknown fleets share one limit,
/// because unauthenticated clients can make up any number of them.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_refused_total` | POSTs | refused with 401, by `cause` |
///
/// Finding out whether an ended secret signed a POST takes a database query and a hash for each such secret. So
/// this happens after the response, off the event loops, and only for a refusal that gets a log line. Other such
/// refusals count as `no_secret_fits`.
final class IngestRefusals: Sendable {
    /// Finds the ended secret that signed a POST.
    typealias Finder = @Sendable (SignedPost) async -> SigningSecret?

    /// For one cause and one fleet.
    private static let linesPerMinute = 6
    /// Log limits that are remembered: one for each pair of a fleet and a cause.
    private static let capacity = 10_000

    private let logger: Logger
    private let isKnown: @Sendable (FleetID) -> Bool
    private let endedSecret: Finder
    private let counters: [IngestRefusal.Cause: Counter]
    private let lines = Mutex(RefusalLog(linesPerMinute: linesPerMinute, capacity: capacity))

    /// - Parameter isKnown: whether a fleet exists, as far as memory knows; it must not wait.
    init(
        logger: Logger, isKnown: @escaping @Sendable (FleetID) -> Bool, endedSecret: @escaping Finder,
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.logger = logger
        self.isKnown = isKnown
        self.endedSecret = endedSecret
        counters = Dictionary(
            label: "harbor_ingest_refused_total",
            causes: IngestRefusal.Cause.allCases.map { ($0, $0.rawValue) }, factory: factory)
    }

    /// Counts and logs a POST that is refused with 401. Returns at once.
    func note(_ refusal: IngestRefusal, requestID: String, now: ContinuousClock.Instant = .now) {
        let subject = subject(of: refusal)
        guard let unwritten = lines.withLock({ $0.refused(subject, now: now) }) else {
            counters[refusal.cause]?.increment()
            return
        }
        guard let post = refusal.post else { return tell(refusal, requestID, unwritten: unwritten) }
        // The response does not wait for this, because its delay would reveal the cause. `EndedSecrets` bounds
        // how many run.
        Task {
            let secret = await endedSecret(post)
            tell(refusal.signed(by: secret), requestID, unwritten: unwritten, endedAt: secret?.expiresAt)
        }
    }

    /// No fleet id contains a space, so fleet and cause cannot be confused.
    private func subject(of refusal: IngestRefusal) -> String {
        guard let fleetID = refusal.fleetID, isKnown(fleetID) else { return refusal.cause.rawValue }
        return "\(fleetID) \(refusal.cause.rawValue)"
    }

    private func tell(
        _ refusal: IngestRefusal, _ requestID: String, unwritten: Int, endedAt: Timestamp? = nil
    ) {
        counters[refusal.cause]?.increment()
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "cause": "\(refusal.cause.rawValue)",
        ]
        if let fleetID = refusal.fleetID { metadata["fleet_id"] = "\(fleetID)" }
        if let partnerID = refusal.partnerID { metadata["partner_id"] = "\(partnerID)" }
        if let seconds = refusal.staleBySeconds { metadata["stale_by_s"] = .stringConvertible(seconds) }
        if let header = refusal.header { metadata["header"] = "\(header)" }
        if let endedAt { metadata["ended_at"] = "\(endedAt.rfc3339)" }
        metadata.add(unwritten: unwritten)
        logger.warning("a POST of fixes is refused", metadata: metadata)
    }
}

extension IngestRefusal {
    /// The same refusal with the cause `revoked`, if an ended secret signed its POST.
    fileprivate func signed(by secret: SigningSecret?) -> Self {
        guard let secret else { return self }
        return IngestRefusal(cause: .revoked, fleetID: fleetID, partnerID: secret.partnerID)
    }
}
