internal import EventLoops

/// When a topic's members are served: pass by pass, and each pass slice by slice. Decides; `Topic` performs.
///
/// After a pass the next one waits for twice the time that the sends of the whole pass took, in all of its slices. So
/// few members get a message at once, many get several joined, and a topic uses a third of its loop at most.
struct PaceState {
    enum Step: Equatable {
        case none
        /// A slice is served now.
        case serve
        /// A slice is served in the next turn of the loop, which does other work before.
        case serveNextTurn
        /// The next pass begins at the instant.
        case wait(until: MonotonicInstant)
    }

    private enum Phase: Equatable {
        /// Nothing is pending. Next: `.passing`.
        case idle
        /// A pass is going to begin, or under way: there is one at a time, so that messages keep their order. Next:
        /// `.idle`, or `.passing` when more messages came.
        case passing(moreCame: Bool)
    }

    /// A rest below this is none: a timer would round it up to a tick, and few members would wait.
    static let shortestRest: Duration = .microseconds(500)

    private var phase = Phase.idle
    private var spent: Duration = .zero
    private var notBefore: MonotonicInstant?

    /// Messages came where none were pending.
    mutating func messagesCame(now: MonotonicInstant) -> Step {
        guard phase == .idle else {
            phase = .passing(moreCame: true)
            return .none
        }
        phase = .passing(moreCame: false)
        guard let notBefore, notBefore > now else { return .serve }
        return .wait(until: notBefore)
    }

    /// The members of a slice have their messages.
    /// - Parameters:
    ///   - duration: what the sends of this slice took.
    ///   - isLast: whether all members have them.
    mutating func sliceEnded(after duration: Duration, isLast: Bool, now: MonotonicInstant) -> Step {
        spent += duration
        guard isLast else { return .serveNextTurn }
        notBefore = spent * 2 < Self.shortestRest ? nil : now.advanced(by: spent * 2)
        spent = .zero
        let moreCame = phase == .passing(moreCame: true)
        phase = moreCame ? .passing(moreCame: false) : .idle
        guard moreCame else { return .none }
        return notBefore.map { .wait(until: $0) } ?? .serveNextTurn
    }
}
