/// Computes the cool-downs of one child that fails too often. Each is longer than the one before, up to a maximum.
struct CoolDownState: Sendable, Equatable {
    private let backoff: Backoff
    /// The number of cool-downs in a row.
    private var count = 0
    private var last: Duration = .zero
    /// When the last cool-down ended.
    private var releasedAt: ContinuousClock.Instant?
    /// The end of the current cool-down; nil while there is none.
    private(set) var until: ContinuousClock.Instant?

    init(_ backoff: Backoff) { self.backoff = backoff }

    /// The child has failed too often. If it had lived for as long as its last cool-down, the cool-downs begin with the
    /// shortest again.
    /// - Returns: the length of the new cool-down.
    mutating func began(at now: ContinuousClock.Instant) -> Duration {
        if let releasedAt, releasedAt.duration(to: now) >= last { count = 0 }
        count += 1
        last = backoff.delay(afterFailures: count)
        until = now.advanced(by: last)
        return last
    }

    mutating func ended(at now: ContinuousClock.Instant) {
        until = nil
        releasedAt = now
    }
}
