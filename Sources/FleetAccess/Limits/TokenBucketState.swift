/// A token bucket that is stored as one point in time: when it will be full again.
///
/// So an unused bucket needs no upkeep, and a full one equals none and may be dropped. The limit is passed to each
/// call, because it may have changed in between.
package struct TokenBucketState: Sendable, Equatable {
    private struct Refund: Equatable {
        /// The `end` of the withdrawal that was given back.
        let end: ContinuousClock.Instant
        let time: Duration
    }

    /// The maximum number of refunds that are stored separately; above it the two oldest are merged.
    private static let maximumRefunds = 64

    private var fullAt: ContinuousClock.Instant
    /// Since when the bucket has not been full. Everything withdrawn before that has been refilled.
    private var drawnSince: ContinuousClock.Instant
    /// The refunds since then.
    private var refunds: [Refund] = []

    /// A full bucket.
    package init(now: ContinuousClock.Instant) {
        fullAt = now
        drawnSince = now
    }

    /// The record of a `take`, for giving it back.
    package struct Withdrawal: Sendable, Equatable {
        fileprivate let takenAt: ContinuousClock.Instant
        fileprivate let time: Duration
        /// When these tokens would have been refilled if nothing had been given back since the bucket was full. It
        /// shows which of two withdrawals was first.
        fileprivate let end: ContinuousClock.Instant
    }

    /// The result of a `take`.
    package enum Outcome: Sendable, Equatable {
        case taken(Withdrawal)
        /// After this time the tokens will be available if no other call takes any.
        case tooFew(wait: Duration)
    }

    /// Takes that many tokens, or none. A number above the size of a full bucket counts as a full bucket.
    package mutating func take(_ tokens: Int, at limit: RateLimit, now: ContinuousClock.Instant) -> Outcome {
        let window = limit.time(for: limit.burst)
        // The bucket is never emptier than empty, so a raised limit takes effect at once.
        moveBack(by: now.advanced(by: window).duration(to: fullAt), forThoseBehind: drawnSince)
        let time = limit.time(for: min(tokens, limit.burst))
        let next = max(fullAt, now).advanced(by: time)
        let wait = now.duration(to: next) - window
        guard wait <= .zero else { return .tooFew(wait: wait) }
        if isFull(now: now) {
            drawnSince = now
            refunds = []
        }
        fullAt = next
        let end = next.advanced(by: refunds.reduce(.zero) { $0 + $1.time })
        return .taken(Withdrawal(takenAt: now, time: time, end: end))
    }

    /// Gives back the tokens of a `take`, except those that have been refilled since. The tokens withdrawn first
    /// are refilled first.
    package mutating func giveBack(_ withdrawal: Withdrawal, now: ContinuousClock.Instant) {
        guard withdrawal.takenAt >= drawnSince else { return }
        let earlier = refunds.reduce(.zero) { $1.end < withdrawal.end ? $0 + $1.time : $0 }
        let rest = now.duration(to: withdrawal.end) - earlier
        moveBack(by: min(withdrawal.time, rest), forThoseBehind: withdrawal.end)
    }

    /// Makes the refill of everything withdrawn after `end` earlier by `time`.
    private mutating func moveBack(by time: Duration, forThoseBehind end: ContinuousClock.Instant) {
        guard time > .zero else { return }
        fullAt = fullAt.advanced(by: .zero - time)
        refunds.append(Refund(end: end, time: time))
        guard refunds.count > Self.maximumRefunds else { return }
        // The merged refund counts for more withdrawals than the separate ones did. Those get back too little
        // rather than too much.
        let (first, second) = (refunds.removeFirst(), refunds.removeFirst())
        refunds.insert(Refund(end: min(first.end, second.end), time: first.time + second.time), at: 0)
    }

    /// Whether the bucket equals a new one.
    package func isFull(now: ContinuousClock.Instant) -> Bool { fullAt <= now }
}
