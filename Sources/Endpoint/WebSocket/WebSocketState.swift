internal import EventLoops
internal import WebSockets

/// When a WebSocket pings, gives up and ends, decided without a socket or a clock (RFC 6455 sections 5.5 and 7).
struct WebSocketState {
    /// Next: `open` → `closing`, `ended`; `closing` → `ended`.
    private enum Phase: Equatable {
        case open
        /// Our close frame is sent; the peer has until `until` to send its own.
        case closing(until: MonotonicInstant)
        /// Both have said goodbye, or the peer cannot be understood: what waits is sent until `until`.
        case ended(until: MonotonicInstant)
    }

    /// What a timer that fired means.
    enum Expiry: Equatable {
        case none
        case ping
        /// The peer is gone: close the socket.
        case drop
        /// The peer does not read: close with 1013, without what waits.
        case closeBlocked
    }

    let limits: WebSocketLimits
    private var phase = Phase.open
    private var heardAt: MonotonicInstant
    private var pingDue: MonotonicInstant
    private var stalledSince: MonotonicInstant?
    private var pendingOutput = 0
    /// The code that the connection ends with, once one of both has said it.
    private(set) var closeCode: CloseCode?
    private(set) var closeReason: [UInt8] = []

    init(limits: WebSocketLimits, now: MonotonicInstant) {
        self.limits = limits
        heardAt = now
        pingDue = now.advanced(by: limits.pingInterval)
    }

    var isOpen: Bool { phase == .open }

    /// Whether frames are still listened to.
    var isListening: Bool {
        if case .ended = phase { false } else { true }
    }

    /// Whether the socket is to be read. After the end it is, to notice that the peer has closed it.
    var wantsRead: Bool { !isOpen || pendingOutput < max(limits.outboxBytes / 2, 1) }

    /// Whether a message may be added to what waits.
    func hasRoom(for bytes: Int, waiting: Int) -> Bool {
        waiting == 0 || waiting + bytes <= limits.outboxBytes
    }

    mutating func heard(now: MonotonicInstant) {
        heardAt = now
    }

    mutating func outputChanged(pending: Int, stalledSince: MonotonicInstant?, now: MonotonicInstant) {
        // What was not read while output was blocked was not silence.
        if !wantsRead, pending < limits.outboxBytes / 2 { heardAt = now }
        pendingOutput = pending
        self.stalledSince = stalledSince
    }

    /// We end it. Says whether to send a close frame.
    mutating func close(_ code: CloseCode, now: MonotonicInstant) -> Bool {
        guard isOpen else { return false }
        closeCode = code
        phase = .closing(until: now.advanced(by: limits.closing))
        return true
    }

    /// The peer broke the protocol: nothing it sends is listened to any more. Says whether to send a close frame.
    mutating func failed(_ code: CloseCode, now: MonotonicInstant) -> Bool {
        let wasOpen = isOpen
        if wasOpen { closeCode = code }
        phase = .ended(until: now.advanced(by: limits.closing))
        return wasOpen
    }

    /// The peer ends it, or confirms our close. Says whether to send a close frame.
    mutating func closeReceived(_ code: CloseCode?, reason: [UInt8], now: MonotonicInstant) -> Bool {
        let wasOpen = isOpen
        if wasOpen {
            closeCode = code ?? CloseCode(rawValue: 1005)
            closeReason = reason
        }
        phase = .ended(until: now.advanced(by: limits.closing))
        return wasOpen
    }

    /// What is left to do with the socket.
    enum Ending: Equatable {
        case none
        /// End our direction, as the first to do so, and wait for the peer to close (RFC 6455 section 7.1.1): what it
        /// still sends would make a close of ours a reset, and our close frame might be lost with it.
        case shutdown
    }

    var ending: Ending {
        guard case .ended = phase, pendingOutput == 0 else { return .none }
        return .shutdown
    }

    /// When `expired` has something to say.
    var deadline: MonotonicInstant {
        switch phase {
        case .closing(let until), .ended(let until): return until
        case .open:
            let stall = stalledSince?.advanced(by: limits.blocked)
            let silence = wantsRead ? heardAt.advanced(by: limits.silence) : nil
            return MonotonicInstant.earlier(stall, MonotonicInstant.earlier(silence, pingDue)) ?? pingDue
        }
    }

    mutating func expired(now: MonotonicInstant) -> Expiry {
        guard deadline <= now else { return .none }
        guard isOpen else { return .drop }
        if let stalledSince, stalledSince.advanced(by: limits.blocked) <= now { return .closeBlocked }
        if wantsRead, heardAt.advanced(by: limits.silence) <= now { return .drop }
        pingDue = now.advanced(by: limits.pingInterval)
        // A ping behind a blocked outbox would only make it longer.
        return stalledSince == nil ? .ping : .none
    }
}
