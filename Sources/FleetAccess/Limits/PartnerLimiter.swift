package import HarborFleet
package import Metrics
package import Supervision
internal import Synchronization

/// Holds partners to their limits, over all their fleets and all loops of this server. Any thread; who has no limit
/// costs nothing.
///
/// ```swift
/// var charge = try limiter.admitRequest(of: id, limits: limits)   // before the body is read
/// charge = try limiter.admit(fixes: batch.fixes.count, charge)    // when it is known how many they are
/// limiter.giveBack(charge)                                        // when they could not be taken all the same
/// ```
/// Several servers on one database each count for themselves.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_ingest_rate_limited_total` | POSTs | refused, by the limit (`requests`, `fixes`) |
package final class PartnerLimiter: Sendable {
    private let clock: any SupervisionClock
    private let buckets = Mutex(PartnerBuckets())
    private let refusedRequests: Counter
    private let refusedFixes: Counter

    package init(
        clock: any SupervisionClock = SystemSupervisionClock(),
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.clock = clock
        let label = "harbor_ingest_rate_limited_total"
        refusedRequests = Counter(label: label, dimensions: [("limit", "requests")], factory: factory)
        refusedFixes = Counter(label: label, dimensions: [("limit", "fixes")], factory: factory)
    }

    /// Counts a POST. One that is refused is not counted.
    package func admitRequest(
        of id: PartnerID, limits: PartnerLimits
    ) throws(RateLimited) -> RateCharge {
        var charge = RateCharge(partnerID: id, limits: limits)
        guard let limit = limits.requests else { return charge }
        let now = clock.now()
        switch buckets.withLock({ $0.take(1, from: \.requests, of: id, at: limit, now: now) }) {
        case .taken(let withdrawal):
            charge.request = withdrawal
            return charge
        case .tooFew(let wait):
            refusedRequests.increment()
            throw RateLimited(limit: .requests, retryAfter: wait)
        }
    }

    /// Counts a POST's fixes. When they are too many the POST is not counted either.
    package func admit(fixes count: Int, _ charge: RateCharge) throws(RateLimited) -> RateCharge {
        guard let limit = charge.limits.fixes else { return charge }
        let now = clock.now()
        let outcome = buckets.withLock { buckets in
            let outcome = buckets.take(count, from: \.fixes, of: charge.partnerID, at: limit, now: now)
            if case .tooFew = outcome { charge.giveBack(to: &buckets, now: now) }
            return outcome
        }
        switch outcome {
        case .taken(let withdrawal):
            var charge = charge
            charge.fixes = withdrawal
            return charge
        case .tooFew(let wait):
            refusedFixes.increment()
            throw RateLimited(limit: .fixes, retryAfter: wait)
        }
    }

    /// The POST was refused for another reason, and will come again: it is not to be counted twice.
    package func giveBack(_ charge: RateCharge) {
        guard charge.limits != .none else { return }
        let now = clock.now()
        buckets.withLock { charge.giveBack(to: &$0, now: now) }
    }

    /// Partners may have gone: forgets what is not needed.
    package func revisionChanged() {
        let now = clock.now()
        buckets.withLock { $0.forgetFull(now: now) }
    }

    /// How many partners have been heard of lately.
    var count: Int { buckets.withLock { $0.count } }
}

/// What a POST was counted as.
package struct RateCharge: Sendable, Equatable {
    package let partnerID: PartnerID
    let limits: PartnerLimits
    var request: TokenBucketState.Withdrawal?
    var fixes: TokenBucketState.Withdrawal?

    fileprivate func giveBack(to buckets: inout PartnerBuckets, now: ContinuousClock.Instant) {
        if let request { buckets.giveBack(request, to: \.requests, of: partnerID, now: now) }
        if let fixes { buckets.giveBack(fixes, to: \.fixes, of: partnerID, now: now) }
    }
}

/// A partner sends more than it may.
package struct RateLimited: Error, Sendable, Equatable {
    package enum Limit: String, Sendable {
        case requests
        case fixes
    }

    package let limit: Limit
    /// After this time the same POST passes, when the partner sends nothing else.
    package let retryAfter: Duration
}
