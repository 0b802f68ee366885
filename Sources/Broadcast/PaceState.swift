internal import EventLoops

/// Decides when a topic's members are served: in passes, and each pass in slices. `Topic` performs the decisions.
///
/// After a pass, the next one waits for twice the time that all sends of the pass took. So a few members get a
/// message at once, many members get several messages together, and a topic uses at most a third of its loop's time.
struct PaceState {
    enum Step: Equatable {
        case none
        /// Serve a slice now.
        case serve
        /// Serve a slice in the next turn of the loop, so that other work comes first.
        case serveNextTurn
        /// Begin the next pass at this instant.
        case wait(until: MonotonicInstant)
    }

    private enum Phase: Equatable {
        /// Nothing is pending. Next: `.passing`.
        case idle
        /// A pass is scheduled or in progress. There is one at a time, so that messages keep their order. Next:
        /// `.idle`, or `.passing` when more messages have come.
        case passing(moreCame: Bool)
    }

    /// A shorter rest is skipped. A timer would round it up to a tick, which would delay even a few members.
    static let shortestRest: Duration = .microseconds(500)

    private var phase = Phase.idle
    private var spent: Duration = .zero
    private var notBefore: MonotonicInstant?

    /// Messages have come to an empty inbox.
    mutating func messagesCame(now: MonotonicInstant) -> Step {
        guard phase == .idle else {
            phase = .passing(moreCame: true)
            return .none
        }
        phase = .passing(moreCame: false)
        guard let notBefore, notBefore > now else { return .serve }
        return .wait(until: notBefore)
    }

    /// The members of a slice have got their messages.
    /// - Parameters:
    ///   - duration: how long the sends of this slice took.
    ///   - isLast: whether this was the last slice of the pass.
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
