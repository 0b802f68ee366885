internal import Crypto
package import HarborFleet
package import Metrics
internal import Synchronization

/// Keeps a signed POST from being taken for another fleet of its partner, see `SeenPostsState`. In memory, so a restart
/// forgets, and several servers do not tell each other: `partners set --require-fleet-id` is the whole mend. Any thread.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_seen_posts` | POSTs | kept now |
/// | `harbor_ingest_seen_evicted_total` | POSTs | went before their time, since there were too many |
package final class SeenPosts: Sendable {
    private let state: Mutex<SeenPostsState>
    /// Fresh with each start: without it nobody can make up POSTs that look alike.
    private let keyed = HMAC<SHA256>(key: SymmetricKey(size: .bits256))
    private let kept: Meter
    private let evicted: Counter

    /// - Parameters:
    ///   - memory: how long after its timestamp a POST can come again.
    ///   - limit: POSTs that are kept.
    package init(
        memory: Duration, limit: Int = SeenPostsState.maximumCount,
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        state = Mutex(SeenPostsState(toleranceSeconds: memory.components.seconds, limit: limit))
        kept = Meter(label: "harbor_ingest_seen_posts", factory: factory)
        evicted = Counter(label: "harbor_ingest_seen_evicted_total", factory: factory)
        kept.set(0)
    }

    /// Notes a POST whose signature verified, whatever becomes of it.
    /// - Parameters:
    ///   - id: its `webhook-id`.
    ///   - timestampSeconds: its `webhook-timestamp`.
    ///   - bodyHash: of the body as sent.
    /// - Returns: false when it came for another fleet before.
    package func admit(
        id: String, timestampSeconds: Int64, bodyHash: [UInt8], of partnerID: PartnerID, to fleetID: FleetID,
        now: Timestamp
    ) -> Bool {
        let post = SeenPost(
            post: digest(of: id, timestampSeconds, bodyHash, partnerID),
            fleet: Array(keyed.code(of: Array(fleetID.rawValue.utf8))))
        let (verdict, count, gone) = state.withLock { state in
            let before = state.evicted
            let verdict = state.came(
                post, timestampSeconds: timestampSeconds, nowSeconds: now.milliseconds / 1_000)
            return (verdict, state.count, state.evicted - before)
        }
        kept.set(count)
        if gone > 0 { evicted.increment(by: gone) }
        return verdict != .otherFleet
    }

    /// Parts of a fixed length come first, and an id of a partner holds no 0: no two POSTs make the same bytes.
    private func digest(
        of id: String, _ seconds: Int64, _ bodyHash: [UInt8], _ partnerID: PartnerID
    ) -> [UInt8] {
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (8 * $0)) }
        bytes += bodyHash
        bytes += partnerID.rawValue.utf8
        bytes.append(0)
        bytes += id.utf8
        return Array(keyed.code(of: bytes))
    }
}
