/// A token bucket, told by one instant: when it will be full again.
///
/// So one that nobody draws from needs no upkeep, and a full one is as good as none and may be forgotten. The limit
/// comes with each call, since it may have been changed in between.
package struct TokenBucketState: Sendable, Equatable {
    private var fullAt: ContinuousClock.Instant

    /// A full bucket.
    package init(now: ContinuousClock.Instant) {
        fullAt = now
    }

    /// Takes so many tokens, or none. More than a full bucket holds counts as a full bucket.
    /// - Returns: nil when they were there; else after how long they will be, when nobody else takes any.
    package mutating func take(
        _ tokens: Int, at limit: RateLimit, now: ContinuousClock.Instant
    ) -> Duration? {
        let window = limit.time(for: limit.burst)
        // Never emptier than empty: a limit that was raised helps at once.
        fullAt = min(fullAt, now.advanced(by: window))
        let next = max(fullAt, now).advanced(by: limit.time(for: min(tokens, limit.burst)))
        let wait = now.duration(to: next) - window
        guard wait <= .zero else { return wait }
        fullAt = next
        return nil
    }

    /// Undoes a `take` that was successful, at the same limit.
    package mutating func giveBack(_ tokens: Int, at limit: RateLimit) {
        fullAt = fullAt.advanced(by: .zero - limit.time(for: min(tokens, limit.burst)))
    }

    /// Whether it is as good as a new one.
    package func isFull(now: ContinuousClock.Instant) -> Bool { fullAt <= now }
}
