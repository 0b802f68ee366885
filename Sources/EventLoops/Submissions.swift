/// Work that was submitted to a loop from any thread: a closure, or a job of a Swift task.
enum Submission {
    case work(@Sendable () -> Void)
    case job(UnownedJob)
}

/// The queue of a loop's submissions, with the loop's sleep state. Both are under one lock: if a submission finds the
/// loop awake, the loop must find that submission before it sleeps. Otherwise it would sleep with work in its queue.
struct Submissions {
    private enum Life {
        case open
        case stopping([CheckedContinuation<Void, Never>])
        case ended
    }

    /// What the submitter must do after a submission.
    enum Reception {
        /// Nothing: the loop is awake and will run it.
        case taken
        /// The loop sleeps and must be woken.
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

    /// Marks the loop as asleep, unless submissions wait or the loop must stop.
    /// - Returns: whether the loop must not sleep.
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

    /// Asks the loop to stop. The loop resumes `continuation` when it has ended.
    /// - Returns: true if the loop has ended already, and will not resume it.
    mutating func stop(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        switch life {
        case .open: life = .stopping([continuation])
        case .stopping(let others): life = .stopping(others + [continuation])
        case .ended: return true
        }
        return false
    }

    /// Ends the loop if it was asked to stop and no submission waits. Both happen in one step, so that no submission
    /// can be lost in between.
    /// - Returns: the continuations of the calls of `stop`; nil while the loop goes on.
    mutating func end() -> [CheckedContinuation<Void, Never>]? {
        guard waiting.isEmpty, case .stopping(let continuations) = life else { return nil }
        life = .ended
        return continuations
    }
}
