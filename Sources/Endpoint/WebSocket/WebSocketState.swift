internal import EventLoops
internal import WebSockets

/// Decides when a WebSocket pings, gives up and ends, without a socket or a clock (RFC 6455 sections 5.5 and 7).
struct WebSocketState {
    /// Next: `open` → `closing`, `ended`; `closing` → `ended`.
    private enum Phase: Equatable {
        case open
        /// Our close frame is sent; the peer has until `until` to send its own.
        case closing(until: MonotonicInstant)
        /// The closing handshake is complete, or the peer has failed. The rest of the outbox is sent until `until`.
        case ended(until: MonotonicInstant)
    }

    /// What to do when the timer has fired.
    enum Expiry: Equatable {
        case none
        case ping
        /// The peer is gone: close the socket.
        case drop
        /// The peer does not read: discard the unsent frames of the outbox and close with 1013.
        case closeBlocked
    }

    let limits: WebSocketLimits
    private var phase = Phase.open
    private var heardAt: MonotonicInstant
    private var pingDue: MonotonicInstant
    private var stalledSince: MonotonicInstant?
    private var pendingOutput = 0
    /// The close code of the connection; nil until one side has closed it or has failed.
    private(set) var closeCode: CloseCode?
    private(set) var closeReason: [UInt8] = []

    init(limits: WebSocketLimits, now: MonotonicInstant) {
        self.limits = limits
        heardAt = now
        pingDue = now.advanced(by: limits.pingInterval)
    }

    var isOpen: Bool { phase == .open }

    /// Whether received frames are still processed.
    var isListening: Bool {
        if case .ended = phase { false } else { true }
    }

    /// Whether the socket must be read. It must also be read after the end, to notice that the peer has closed it.
    var wantsRead: Bool { !isOpen || pendingOutput < max(limits.outboxBytes / 2, 1) }

    /// Whether the outbox has room for a message.
    func hasRoom(for bytes: Int, waiting: Int) -> Bool {
        waiting == 0 || waiting + bytes <= limits.outboxBytes
    }

    mutating func heard(now: MonotonicInstant) {
        heardAt = now
    }

    mutating func outputChanged(pending: Int, stalledSince: MonotonicInstant?, now: MonotonicInstant) {
        // Input was not read while the outbox was too full, so that time does not count as the peer's silence.
        if !wantsRead, pending < limits.outboxBytes / 2 { heardAt = now }
        pendingOutput = pending
        self.stalledSince = stalledSince
    }

    /// Starts the closing handshake from our side.
    /// - Returns: whether to send a close frame.
    mutating func close(_ code: CloseCode, now: MonotonicInstant) -> Bool {
        guard isOpen else { return false }
        closeCode = code
        phase = .closing(until: now.advanced(by: limits.closing))
        return true
    }

    /// The peer has broken the protocol, or its message was too slow. All that it still sends is ignored.
    /// - Returns: whether to send a close frame.
    mutating func failed(_ code: CloseCode, now: MonotonicInstant) -> Bool {
        let wasOpen = isOpen
        if wasOpen { closeCode = code }
        phase = .ended(until: now.advanced(by: limits.closing))
        return wasOpen
    }

    /// The peer has sent a close frame, which starts the closing handshake or completes ours.
    /// - Returns: whether to send a close frame.
    mutating func closeReceived(_ code: CloseCode?, reason: [UInt8], now: MonotonicInstant) -> Bool {
        let wasOpen = isOpen
        if wasOpen {
            closeCode = code ?? CloseCode(rawValue: 1005)
            closeReason = reason
        }
        phase = .ended(until: now.advanced(by: limits.closing))
        return wasOpen
    }

    /// What to do with the socket next.
    enum Ending: Equatable {
        case none
        /// Shut down our direction, as the server should do first, and wait for the peer to close (RFC 6455 section
        /// 7.1.1). If we closed the socket instead, data that the peer still sends would cause a reset, which may
        /// destroy our close frame.
        case shutdown
    }

    var ending: Ending {
        guard case .ended = phase, pendingOutput == 0 else { return .none }
        return .shutdown
    }

    /// When to call `expired` next.
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
        // A blocked outbox gets no ping: it would only make the outbox longer.
        return stalledSince == nil ? .ping : .none
    }
}
