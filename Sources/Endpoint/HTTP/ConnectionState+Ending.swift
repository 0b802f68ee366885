internal import EventLoops
internal import HTTP1

/// Decides how and when a connection ends.
extension ConnectionState {
    // MARK: Ending

    /// From now on, the next request that becomes complete is the last one. The driver must then read once what has
    /// arrived, and call `drain`.
    mutating func drainBegan() {
        isDraining = true
    }

    /// Ends a connection that is between two requests; any other ends after its request. The connection lingers: if the
    /// client sends a request at this moment, a plain close would become a reset and destroy earlier responses.
    mutating func drain() {
        isDraining = true
        guard phase == .requests, !isReceiving else { return }
        finish(lingering: true)
    }

    /// Whether a request is being received, which must be served before the connection ends.
    var isReceiving: Bool {
        head != nil || (!parser.isIdle && discarding == nil) || hasUnread
    }

    /// Whether the peer must still send more of a body.
    var awaitsBody: Bool { (head != nil && !owesContinue) || discarding != nil }

    mutating func finish(lingering: Bool) {
        if case .lingering = phase { return }
        phase = .finished
        lingers = lingers || lingering
        // The rest of the body is discarded. What has arrived may be large, so it is freed now.
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

    /// When to call `expired`, unless another event comes first.
    var deadline: MonotonicInstant? {
        let stall = stalledSince?.advanced(byNanoseconds: rules.writeStallNanoseconds)
        switch phase {
        case .lingering(let until, _): return until
        case .held, .finished: return stall
        case .requests: return mayConsume ? MonotonicInstant.earlier(stall, readDeadline) : stall
        }
    }

    private var readDeadline: MonotonicInstant? {
        // The client waits for a "100 Continue", which must wait for earlier responses. That delay is not the client's.
        guard !owesContinue else { return nil }
        if let discarding { return bodyDeadline(received: Self.discardedBodyBytes - discarding) }
        if head != nil { return bodyDeadline(received: body.count) }
        if !parser.isIdle || isFresh { return since.advanced(byNanoseconds: rules.headerNanoseconds) }
        // A client that is reading its response is not idle: `writeStall` limits that time.
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
            // The request of this body has its response already, or will get it. So only the connection ends.
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
    /// The earlier of two optional instants; nil when both are nil.
    static func earlier(_ left: MonotonicInstant?, _ right: MonotonicInstant?) -> MonotonicInstant? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
