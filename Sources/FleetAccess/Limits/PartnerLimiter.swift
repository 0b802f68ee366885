package import HarborFleet
package import Metrics
package import Supervision
internal import Synchronization

/// Enforces the partners' limits, across all their fleets and all event loops of this server. May be used from any
/// thread. A partner without a limit costs nothing.
///
/// ```swift
/// var charge = try limiter.admitRequest(of: id, limits: limits)   // before the body is read
/// charge = try limiter.admit(fixes: batch.fixes.count, charge)    // once their number is known
/// limiter.giveBack(charge)                                        // when the POST was refused for another reason
/// ```
/// Several servers on one database each count separately.
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

    /// Counts a POST. A refused POST is not counted.
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

    /// Counts the fixes of a POST. If there are too many, the POST itself is not counted either.
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

    /// Undoes the count of a POST that was refused for another reason. The partner will send it again, and it must
    /// not be counted twice.
    package func giveBack(_ charge: RateCharge) {
        guard charge.limits != .none else { return }
        let now = clock.now()
        buckets.withLock { charge.giveBack(to: &$0, now: now) }
    }

    /// Drops buckets that are not needed, because partners may have been removed.
    package func revisionChanged() {
        let now = clock.now()
        buckets.withLock { $0.forgetFull(now: now) }
    }

    /// The number of partners that have sent something recently.
    var count: Int { buckets.withLock { $0.count } }
}

/// What was counted for a POST.
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

/// A partner has exceeded a limit.
package struct RateLimited: Error, Sendable, Equatable {
    package enum Limit: String, Sendable {
        case requests
        case fixes
    }

    package let limit: Limit
    /// The time after which the same POST passes if the partner sends nothing else.
    package let retryAfter: Duration
}
