/// How long a child that failed too often is left alone: doubles each time up to a maximum.
package struct CoolDown: Sendable, Equatable {
    /// The first one.
    package var initial: Duration
    /// The longest one.
    package var maximum: Duration

    /// 60 s, doubling to 10 min, unless said.
    package init(initial: Duration = .seconds(60), maximum: Duration = .seconds(600)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The one that follows `previous`; the first one when there was none.
    func next(after previous: Duration?) -> Duration {
        guard let previous else { return min(initial, maximum) }
        return previous >= maximum / 2 ? maximum : previous * 2
    }
}

/// The cool-downs of one child.
struct CoolDownState: Sendable, Equatable {
    private let coolDown: CoolDown
    private var last: Duration?
    /// When the last one was over.
    private var releasedAt: ContinuousClock.Instant?
    /// Set while one is under way.
    private(set) var until: ContinuousClock.Instant?

    init(_ coolDown: CoolDown) { self.coolDown = coolDown }

    /// The child failed too often. One that lived as long as its last cool-down begins with the first again.
    mutating func began(at now: ContinuousClock.Instant) -> Duration {
        if let last, let releasedAt, releasedAt.duration(to: now) >= last { self.last = nil }
        let next = coolDown.next(after: last)
        last = next
        until = now.advanced(by: next)
        return next
    }

    mutating func ended(at now: ContinuousClock.Instant) {
        until = nil
        releasedAt = now
    }
}
