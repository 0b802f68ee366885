internal import EventLoops
internal import HTTP1

/// How a connection ends, and when.
extension ConnectionState {
    // MARK: Ending

    /// The next request to be complete is the last one. Read once what has arrived, then call `drain`.
    mutating func drainBegan() {
        isDraining = true
    }

    /// No further request is taken; a connection between two requests ends at once. It lingers: a request that
    /// crosses with the end would make a mere close reset the responses before it.
    mutating func drain() {
        isDraining = true
        guard phase == .requests, !isReceiving else { return }
        finish(lingering: true)
    }

    /// A request that is being received is served before the connection ends.
    var isReceiving: Bool {
        head != nil || (!parser.isIdle && discarding == nil) || hasUnread
    }

    /// Whether the peer owes us more of a body.
    var awaitsBody: Bool { (head != nil && !owesContinue) || discarding != nil }

    mutating func finish(lingering: Bool) {
        if case .lingering = phase { return }
        phase = .finished
        lingers = lingers || lingering
        // No more of it is taken, and it may be much.
        body.removeAll()
        parser.forgetHead()
    }

    var ending: Ending {
        switch phase {
        case .requests, .held: return .none
        case .finished:
            guard outstanding == 0, pendingOutput == 0 else { return .none }
            return lingers && !inputEnded ? .shutdown : .close
        case .lingering: return inputEnded || lingered > Self.lingerBytes ? .close : .none
        }
    }

    mutating func lingering(now: MonotonicInstant) {
        phase = .lingering(
            until: now.advanced(byNanoseconds: rules.lingerNanoseconds),
            atMost: now.advanced(byNanoseconds: rules.lingerTotalNanoseconds))
    }

    // MARK: Time

    /// When `expired` has something to say, unless something happens before.
    var deadline: MonotonicInstant? {
        let stall = stalledSince?.advanced(byNanoseconds: rules.writeStallNanoseconds)
        switch phase {
        case .lingering(let until, _): return until
        case .held, .finished: return stall
        case .requests: return mayConsume ? MonotonicInstant.earlier(stall, readDeadline) : stall
        }
    }

    private var readDeadline: MonotonicInstant? {
        // The client rightly waits for the "100 Continue" that waits for its turn.
        guard !owesContinue else { return nil }
        if let discarding { return bodyDeadline(received: Self.discardedBodyBytes - discarding) }
        if head != nil { return bodyDeadline(received: body.count) }
        if !parser.isIdle || isFresh { return since.advanced(byNanoseconds: rules.headerNanoseconds) }
        // While it takes its response, a client is not idle: `writeStall` sees to it.
        guard outstanding == 0, pendingOutput == 0 else { return nil }
        return since.advanced(byNanoseconds: rules.idleNanoseconds)
    }

    private func bodyDeadline(received: Int) -> MonotonicInstant {
        since.advanced(
            byNanoseconds: min(rules.bodyNanoseconds(received: received), rules.bodyTotalNanoseconds))
    }

    mutating func expired(now: MonotonicInstant) -> Expiry {
        guard let deadline, deadline <= now else { return .none }
        if case .lingering = phase { return .close }
        if let stalledSince, stalledSince.advanced(byNanoseconds: rules.writeStallNanoseconds) <= now {
            return .close
        }
        guard discarding == nil else {
            // It has its response, or will have.
            finish(lingering: true)
            return .none
        }
        guard isReceiving else { return .close }
        let isTotal = since.advanced(byNanoseconds: rules.bodyTotalNanoseconds) <= now
        guard case .requestTimedOut(let head, _) = cut() else { return .close }
        return .requestTimedOut(head, head.map { _ in isTotal ? .time : .rate })
    }
}

extension MonotonicInstant {
    /// The earlier of two instants that there may be.
    static func earlier(_ left: MonotonicInstant?, _ right: MonotonicInstant?) -> MonotonicInstant? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
