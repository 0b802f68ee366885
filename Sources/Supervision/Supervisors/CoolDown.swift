/// The cool-downs of one child that failed too often: each is twice as long as the one before, up to a maximum.
struct CoolDownState: Sendable, Equatable {
    private let backoff: Backoff
    /// Cool-downs in a row.
    private var count = 0
    private var last: Duration = .zero
    /// When the last one was over.
    private var releasedAt: ContinuousClock.Instant?
    /// Set while one is under way.
    private(set) var until: ContinuousClock.Instant?

    init(_ backoff: Backoff) { self.backoff = backoff }

    /// The child failed too often. One that lived as long as its last cool-down begins with the first again.
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
