internal import EventLoops

/// When the next pass over a topic's members begins. Decides; `Topic` performs.
///
/// After a pass the next one waits for twice the time that the sends of the whole pass took, in all of its slices. So
/// few members get a message at once, many get several joined, and a topic uses a third of its loop at most.
struct PaceState {
    enum Step: Equatable {
        case none
        /// The next pass begins now.
        case begin
        /// The next pass begins at the instant.
        case wait(until: MonotonicInstant)
    }

    private enum Phase: Equatable {
        /// Nothing is pending. Next: `.scheduled`.
        case idle
        /// A pass is going to begin. Next: `.underWay`.
        case scheduled
        /// Members get their messages. Next: `.idle`, or `.scheduled` when more messages came.
        case underWay(moreCame: Bool)
    }

    /// A rest below this is none: a timer would round it up to a tick, and few members would wait.
    static let shortestRest: Duration = .microseconds(500)

    private let minimumInterval: Duration
    private var phase = Phase.idle
    private var notBefore: MonotonicInstant?

    /// - Parameter minimumInterval: the least time from the end of a pass to the next pass.
    init(minimumInterval: Duration) {
        self.minimumInterval = minimumInterval
    }

    /// Messages came where none were pending.
    mutating func messagesCame(now: MonotonicInstant) -> Step {
        switch phase {
        case .scheduled: return .none
        case .underWay:
            // There is one pass at a time, so that messages keep their order.
            phase = .underWay(moreCame: true)
            return .none
        case .idle:
            phase = .scheduled
            guard let notBefore, notBefore > now else { return .begin }
            return .wait(until: notBefore)
        }
    }

    /// A pass begins, with all that is pending.
    mutating func passBegan() {
        phase = .underWay(moreCame: false)
    }

    /// The last member has its messages.
    /// - Parameter spent: what the sends of all slices took.
    mutating func passEnded(after spent: Duration, now: MonotonicInstant) -> Step {
        let moreCame = phase == .underWay(moreCame: true)
        let twice = spent * 2
        let rest = max(minimumInterval, twice < Self.shortestRest ? .zero : twice)
        notBefore = now.advanced(by: rest)
        phase = .idle
        return moreCame ? messagesCame(now: now) : .none
    }
}
