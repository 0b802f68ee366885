/// Something that was handed to a loop from anywhere.
enum Submission {
    case work(@Sendable () -> Void)
    case job(UnownedJob)
}

/// What waits to be run on a loop, and whether the loop sleeps: one value, because a submission that does not
/// see the loop asleep must be seen by the loop before it sleeps.
struct Submissions {
    private enum Life {
        case open
        case stopping([CheckedContinuation<Void, Never>])
        case ended
    }

    /// What is to be done for a submission.
    enum Reception {
        /// The loop takes it by itself.
        case taken
        /// The loop sleeps and has to be woken.
        case wakes
        /// The loop has ended.
        case late
    }

    private var waiting: [Submission] = []
    private var asleep = false
    private var life = Life.open

    mutating func append(_ submission: Submission) -> Reception {
        if case .ended = life { return .late }
        waiting.append(submission)
        defer { asleep = false }
        return asleep ? .wakes : .taken
    }

    /// Marks the loop as asleep unless something waits; says whether something does.
    mutating func sleepIfIdle() -> Bool {
        if case .stopping = life { return true }
        asleep = waiting.isEmpty
        return !asleep
    }

    mutating func wake() {
        asleep = false
    }

    mutating func take(into batch: inout [Submission]) {
        swap(&waiting, &batch)
    }

    /// Says whether the loop has ended already.
    mutating func stop(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        switch life {
        case .open: life = .stopping([continuation])
        case .stopping(let others): life = .stopping(others + [continuation])
        case .ended: return true
        }
        return false
    }

    /// Ends the loop's life when it was stopped and nothing waits: in one step, so that nothing comes in between and is
    /// lost.
    /// - Returns: the stops that wait for the end; nil while the loop goes on.
    mutating func end() -> [CheckedContinuation<Void, Never>]? {
        guard waiting.isEmpty, case .stopping(let continuations) = life else { return nil }
        life = .ended
        return continuations
    }
}
