internal import FleetAccess
internal import HarborFleet
internal import Logging
internal import Metrics
internal import Synchronization
internal import Telemetry

/// Tells the operator why POSTs of fixes are answered 401, which the answer does not: counts each cause, and logs at most
/// six refusals a minute of one cause and one fleet. Fleets that do not exist share one, since strangers make them up.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_refused_total` | POSTs | answered 401, by `cause` |
///
/// Whether a secret that has ended signed a POST takes a look into the database and a hash for each. So that is found out
/// after the answer, on no event loop, and only for a refusal that gets a line. Other such refusals count as
/// `no_secret_fits`.
final class IngestRefusals: Sendable {
    /// Finds the ended secret that signed a POST.
    typealias Finder = @Sendable (SignedPost) async -> SigningSecret?

    /// Of one cause and one fleet.
    private static let linesPerMinute = 6
    /// Fleets with lines of their own, times the causes.
    private static let capacity = 10_000

    private let logger: Logger
    private let isKnown: @Sendable (FleetID) -> Bool
    private let endedSecret: Finder
    private let counters: [IngestRefusal.Cause: Counter]
    private let lines = Mutex(RefusalLog(linesPerMinute: linesPerMinute, capacity: capacity))

    /// - Parameter isKnown: whether there is a fleet, as far as memory knows; it must not wait.
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

    /// A POST is answered 401. Returns at once.
    func note(_ refusal: IngestRefusal, requestID: String, now: ContinuousClock.Instant = .now) {
        let subject = subject(of: refusal)
        guard let unwritten = lines.withLock({ $0.refused(subject, now: now) }) else {
            counters[refusal.cause]?.increment()
            return
        }
        guard let post = refusal.post else { return tell(refusal, requestID, unwritten: unwritten) }
        // The answer does not wait for it: it would tell by its time. `EndedSecrets` bounds how many there are.
        Task {
            let secret = await endedSecret(post)
            tell(refusal.signed(by: secret), requestID, unwritten: unwritten, endedAt: secret?.expiresAt)
        }
    }

    /// No fleet's id holds a space.
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
    /// The same refusal, when it is known which ended secret signed its POST.
    fileprivate func signed(by secret: SigningSecret?) -> Self {
        guard let secret else { return self }
        return IngestRefusal(cause: .revoked, fleetID: fleetID, partnerID: secret.partnerID)
    }
}
