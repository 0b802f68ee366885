internal import Crypto
internal import Endpoint
internal import HarborFleet
internal import Metrics
internal import Synchronization

/// Keeps a signed POST from being taken for another fleet of its partner, see `SeenPostsState`. In memory, so a restart
/// forgets, and several servers do not tell each other: `partners set --require-fleet-id` is the whole mend. Any thread.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_seen_posts` | POSTs | kept now |
/// | `harbor_ingest_seen_evicted_total` | POSTs | went before their time, since there were too many |
final class SeenPosts: Sendable {
    /// After its timestamp a POST can begin for the tolerance, and then its body may take its time: only then is it too late
    /// to come again.
    static let memory = WebhookSignature.tolerance + EndpointTimeouts().bodyTotal

    private let state: Mutex<SeenPostsState>
    /// Fresh with each start: without it nobody can make up POSTs that look alike.
    private let keyed = HMAC<SHA256>(key: SymmetricKey(size: .bits256))
    private let kept: Meter
    private let evicted: Counter

    init(
        limit: Int = SeenPostsState.maximumCount, factory: any MetricsFactory = MetricsSystem.factory
    ) {
        state = Mutex(
            SeenPostsState(toleranceSeconds: Self.memory.components.seconds, limit: limit))
        kept = Meter(label: "harbor_ingest_seen_posts", factory: factory)
        evicted = Counter(label: "harbor_ingest_seen_evicted_total", factory: factory)
        kept.set(0)
    }

    /// Notes a POST whose signature verified, whatever becomes of it.
    /// - Parameter bodyHash: of the body as sent.
    /// - Throws: `IngestRefusal` when it came for another fleet before.
    func admit(
        _ signature: WebhookSignature, bodyHash: [UInt8], of partnerID: PartnerID, to fleetID: FleetID,
        now: Timestamp
    ) throws(IngestRefusal) {
        let post = SeenPost(
            post: digest(of: signature, bodyHash, partnerID), fleet: digest(of: Array(fleetID.rawValue.utf8)))
        let (verdict, count, gone) = state.withLock { state in
            let before = state.evicted
            let verdict = state.came(
                post, timestampSeconds: signature.timestampSeconds, nowSeconds: now.milliseconds / 1_000)
            return (verdict, state.count, state.evicted - before)
        }
        kept.set(count)
        if gone > 0 { evicted.increment(by: gone) }
        guard verdict != .otherFleet else {
            throw IngestRefusal(.otherFleet, fleetID: fleetID, partnerID: partnerID)
        }
    }

    /// Parts of a fixed length come first, and an id of a partner holds no 0: no two POSTs make the same bytes.
    private func digest(
        of signature: WebhookSignature, _ bodyHash: [UInt8], _ partnerID: PartnerID
    ) -> [UInt8] {
        let seconds = signature.timestampSeconds
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (8 * $0)) }
        bytes += bodyHash
        bytes += partnerID.rawValue.utf8
        bytes.append(0)
        bytes += signature.id.utf8
        return digest(of: bytes)
    }

    private func digest(of bytes: [UInt8]) -> [UInt8] {
        var keyed = keyed
        keyed.update(data: bytes)
        return Array(keyed.finalize())
    }
}
