package import Logging
package import Metrics
package import StoreCache
package import Supervision
internal import Synchronization
internal import Telemetry

/// Limits the failed sign-ins of each address: 10 at once, then one a second. A token that memory knows to be valid
/// is not counted here.
///
/// | metric | unit | fires |
/// |---|---|---|
/// | `harbor_sign_ins_failed_total` | sign-ins | refused, by reason (`token`, `rate`) |
package final class SignInLimiter: Sendable {
    /// The limit of failed sign-ins for one address.
    private static let limit = RateLimit(perSecond: 1, leastBurst: 10)
    /// The maximum number of addresses that are remembered; above it the coldest is dropped.
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

    /// The use of the table of addresses, for metrics.
    package var use: CacheUse { state.withLock { $0.buckets.use } }

    /// Counts a sign-in as failed until it turns out to be valid.
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

    /// Undoes the count of a sign-in that was valid or could not be checked.
    package func giveBack(_ withdrawal: TokenBucketState.Withdrawal, of requester: Requester) {
        let now = clock.now()
        state.withLock { $0.buckets.update(requester) { $0.giveBack(withdrawal, now: now) } }
    }

    /// Counts a wrong token. The log gets at most one line a minute.
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
    /// The time until one more sign-in may fail.
    package let retryAfter: Duration
}
