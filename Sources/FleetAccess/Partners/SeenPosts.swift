internal import Crypto
package import HarborFleet
package import Metrics
internal import Synchronization

/// Keeps a signed POST from being accepted for another fleet of its partner, see `SeenPostsState`. The memory is
/// lost in a restart and is not shared between servers; only `partners set --require-fleet-id` protects completely.
/// May be used from any thread.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_seen_posts` | POSTs | kept at present |
/// | `harbor_ingest_seen_evicted_total` | POSTs | dropped early because there were too many |
package final class SeenPosts: Sendable {
    private let state: Mutex<SeenPostsState>
    /// A new key at each start, so that no client can construct POSTs with equal hashes.
    private let keyed = HMAC<SHA256>(key: SymmetricKey(size: .bits256))
    private let kept: Meter
    private let evicted: Counter

    /// - Parameters:
    ///   - memory: how long after its timestamp a POST can come again.
    ///   - limit: the maximum number of POSTs that are kept.
    package init(
        memory: Duration, limit: Int = SeenPostsState.maximumCount,
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        state = Mutex(SeenPostsState(toleranceSeconds: memory.components.seconds, limit: limit))
        kept = Meter(label: "harbor_ingest_seen_posts", factory: factory)
        evicted = Counter(label: "harbor_ingest_seen_evicted_total", factory: factory)
        kept.set(0)
    }

    /// Records a POST whose signature was verified, whatever its outcome.
    /// - Parameters:
    ///   - id: its `webhook-id`.
    ///   - timestampSeconds: its `webhook-timestamp`.
    ///   - bodyHash: the hash of the body as sent.
    /// - Returns: false when the POST came for another fleet before.
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

    /// The parts of fixed length come first, and a partner's id contains no 0, so no two POSTs make the same bytes.
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
