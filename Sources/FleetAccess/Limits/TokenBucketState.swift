/// A token bucket, told by one instant: when it will be full again.
///
/// So one that nobody draws from needs no upkeep, and a full one is as good as none and may be forgotten. The limit
/// comes with each call, since it may have been changed in between.
package struct TokenBucketState: Sendable, Equatable {
    private struct Refund: Equatable {
        /// That of the withdrawal that was given back.
        let end: ContinuousClock.Instant
        let time: Duration
    }

    /// Refunds remembered one by one; of more the oldest count as one.
    private static let maximumRefunds = 64

    private var fullAt: ContinuousClock.Instant
    /// Since when it has not been full; what was taken before that has flowed in again.
    private var drawnSince: ContinuousClock.Instant
    /// Since then.
    private var refunds: [Refund] = []

    /// A full bucket.
    package init(now: ContinuousClock.Instant) {
        fullAt = now
        drawnSince = now
    }

    /// What a `take` took, to be given back.
    package struct Withdrawal: Sendable, Equatable {
        fileprivate let takenAt: ContinuousClock.Instant
        fileprivate let time: Duration
        /// When it would have flowed in again, had nothing been given back since the bucket was full. Tells which of
        /// two was taken first.
        fileprivate let end: ContinuousClock.Instant
    }

    /// What became of a `take`.
    package enum Outcome: Sendable, Equatable {
        case taken(Withdrawal)
        /// After this time they will be there, when nobody else takes any.
        case tooFew(wait: Duration)
    }

    /// Takes so many tokens, or none. More than a full bucket holds counts as a full bucket.
    package mutating func take(_ tokens: Int, at limit: RateLimit, now: ContinuousClock.Instant) -> Outcome {
        let window = limit.time(for: limit.burst)
        // Never emptier than empty: a limit that was raised helps at once.
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

    /// Gives back what a `take` took, but for what has flowed in again since: the oldest flows in first.
    package mutating func giveBack(_ withdrawal: Withdrawal, now: ContinuousClock.Instant) {
        guard withdrawal.takenAt >= drawnSince else { return }
        let earlier = refunds.reduce(.zero) { $1.end < withdrawal.end ? $0 + $1.time : $0 }
        let rest = now.duration(to: withdrawal.end) - earlier
        moveBack(by: min(withdrawal.time, rest), forThoseBehind: withdrawal.end)
    }

    /// What was taken behind `end` flows in earlier by so much.
    private mutating func moveBack(by time: Duration, forThoseBehind end: ContinuousClock.Instant) {
        guard time > .zero else { return }
        fullAt = fullAt.advanced(by: .zero - time)
        refunds.append(Refund(end: end, time: time))
        guard refunds.count > Self.maximumRefunds else { return }
        // For more withdrawals than it was: they get too little back rather than too much.
        let (first, second) = (refunds.removeFirst(), refunds.removeFirst())
        refunds.insert(Refund(end: min(first.end, second.end), time: first.time + second.time), at: 0)
    }

    /// Whether it is as good as a new one.
    package func isFull(now: ContinuousClock.Instant) -> Bool { fullAt <= now }
}
