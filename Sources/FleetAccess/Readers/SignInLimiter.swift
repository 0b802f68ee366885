package import Logging
package import Metrics
package import StoreCache
package import Supervision
internal import Synchronization
internal import Telemetry

/// Holds each address to a number of failed sign-ins: 10 at once, then one a second. A token that memory knows to be good
/// never comes here.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_sign_ins_failed_total` | sign-ins | refused, by reason (`token`, `rate`) |
package final class SignInLimiter: Sendable {
    /// Failed sign-ins of one address.
    private static let limit = RateLimit(perSecond: 1, leastBurst: 10)
    /// Addresses that are remembered; beyond it the coldest goes.
    private static let addresses = 10_000

    private struct State {
        var buckets = BoundedTable<Requester, TokenBucketState>(capacity: SignInLimiter.addresses)
        var log = RefusalLog()
    }

    private let state = Mutex(State())
    private let clock: any SupervisionClock
    private let logger: Logger
    private let wrongTokens: Counter
    private let tooMany: Counter

    package init(
        logger: Logger, clock: any SupervisionClock = SystemSupervisionClock(),
        factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.logger = logger
        self.clock = clock
        let label = "harbor_sign_ins_failed_total"
        wrongTokens = Counter(label: label, dimensions: [("reason", "token")], factory: factory)
        tooMany = Counter(label: label, dimensions: [("reason", "rate")], factory: factory)
    }

    /// The addresses that are remembered, for metrics.
    package var use: CacheUse { state.withLock { $0.buckets.use } }

    /// Counts a sign-in as failed, until it turns out to be good.
    /// - Throws: when the address has failed too often.
    package func begin(_ requester: Requester) throws(TooManySignIns) -> TokenBucketState.Withdrawal {
        let now = clock.now()
        let outcome = state.withLock { state in
            var bucket = state.buckets.use(requester) ?? TokenBucketState(now: now)
            defer { state.buckets[requester] = bucket }
            return bucket.take(1, at: Self.limit, now: now)
        }
        switch outcome {
        case .taken(let withdrawal): return withdrawal
        case .tooFew(let wait):
            tooMany.increment()
            throw TooManySignIns(retryAfter: wait)
        }
    }

    /// The sign-in was good, or could not be judged: it does not count.
    package func giveBack(_ withdrawal: TokenBucketState.Withdrawal, of requester: Requester) {
        let now = clock.now()
        state.withLock { $0.buckets.update(requester) { $0.giveBack(withdrawal, now: now) } }
    }

    /// The token was wrong. The log gets a line a minute.
    package func failed(_ address: String, requestID: String) {
        wrongTokens.increment()
        guard let unwritten = state.withLock({ $0.log.refused("sign-in", now: .now) }) else { return }
        var metadata: Logger.Metadata = ["client": "\(address)", "request_id": "\(requestID)"]
        metadata.add(unwritten: unwritten)
        logger.warning("a sign-in failed: the token is not valid", metadata: metadata)
    }
}

/// An address has failed to sign in too often.
package struct TooManySignIns: Error, Sendable, Equatable {
    /// Until one more sign-in may fail.
    package let retryAfter: Duration
}
