package import EventLoops
package import Sockets
package import WebSockets

/// One open WebSocket on its loop: sends messages and performs what its `WebSocketState` decides.
///
/// Messages that are sent while frames are being delivered, or inside `batch`, leave in one system call. Other messages
/// go to the kernel at once. Touched on its loop only: to send from elsewhere, use `loop.execute`.
package final class WebSocketChannel: SocketOwner, ManagedConnection, BodyHolder {
    private static let ping: [UInt8] = [0x89, 0x00]

    package let remoteAddress: SocketAddress
    /// The id of the upgrade request. It is not stored as text, which would cost each channel another allocation.
    package var requestID: String { id.text }
    private let id: RequestID
    /// The route's pattern.
    package let route: String
    var place = Place.none
    /// The number of nested batches. While it is above 0, output is queued until the outermost batch ends.
    private var batches: Int32 = 0
    private let connections: LoopConnections
    private let openedAt: MonotonicInstant
    private var state: WebSocketState
    private var decoder: FrameDecoder
    /// Compresses messages; nil if no compression was agreed.
    private let deflater: MessageDeflater?
    private var socket: BufferedSocket?
    private var delegate: (any WebSocketDelegate)?
    private var wasBlocked = false
    private var settling = false
    private var hasShutDown = false
    /// The entry in the body budget for an incomplete message; nil without one.
    private var account: BodyAccount?
    private var timer = DeadlineTimer()

    /// - Parameters:
    ///   - remoteAddress: the client's address; behind trusted proxies the one that they forwarded.
    ///   - id: the id of the upgrade request.
    init(
        _ socket: BufferedSocket, upgrade: WebSocketUpgrade, in connections: LoopConnections,
        remoteAddress: SocketAddress, id: RequestID, route: String
    ) {
        self.socket = socket
        self.connections = connections
        self.remoteAddress = remoteAddress
        self.id = id
        self.route = route
        openedAt = connections.loop.now
        let limits = upgrade.limits
        state = WebSocketState(limits: limits, now: connections.loop.peerNow)
        decoder = FrameDecoder(
            role: .server, maxFrameBytes: limits.frameBytes, maxMessageBytes: limits.messageBytes,
            inflating: upgrade.deflate?.client)
        deflater = upgrade.deflate.map { deflate in
            MessageDeflater(deflate.server, settings: upgrade.compression ?? WebSocketCompression())
        }
    }

    package var loop: EventLoop { connections.loop }

    /// Always counted: only an admitted connection can be upgraded.
    var isCounted: Bool { true }
    var isLongLived: Bool { true }

    /// The address of the socket's peer, which may be a proxy.
    var peerAddress: SocketAddress { socket?.remoteAddress ?? remoteAddress }

    // MARK: Sending

    /// The bytes in the outbox, which the kernel has not accepted yet.
    package var pendingBytes: Int { socket?.pendingBytes ?? 0 }

    /// Whether the kernel accepts no more output at the moment.
    package var isBlocked: Bool { socket?.stalledSince != nil }

    /// Whether messages may be sent: false from the first close frame on.
    package var isOpen: Bool { state.isOpen && socket != nil }

    /// Sends a text message. The bytes must be UTF-8.
    /// - Returns: whether the message was sent or queued. If not, the channel is closing, or the outbox is full and the
    ///   delegate has been notified.
    @discardableResult
    package func send(text: [UInt8]) -> Bool {
        send(.text, text)
    }

    /// Sends a binary message; see `send(text:)`.
    @discardableResult
    package func send(binary: [UInt8]) -> Bool {
        send(.binary, binary)
    }

    /// Sends frames that were encoded before, such as for many channels. The bytes are shared and not copied, even
    /// while the channel is blocked. They are not compressed, even if compression was agreed.
    @discardableResult
    package func send(encodedFrames frames: [UInt8]) -> Bool {
        guard hasRoom(frames.count), let socket else { return false }
        guard batches == 0 else {
            socket.enqueue(sharing: frames)
            return true
        }
        socket.send(frames)
        sent()
        return true
    }

    /// Runs `body`. All that it sends leaves in one send when it ends.
    package func batch(_ body: () -> Void) {
        batches += 1
        body()
        batches -= 1
        if batches == 0 { flush() }
    }

    /// Starts the closing handshake. Does nothing when it has begun already.
    package func close(_ code: CloseCode, reason: String = "") {
        guard socket != nil, state.close(code, now: loop.peerNow) else { return }
        sendClose(FrameEncoder.closePayload(code, reason: reason))
        rearm()
    }

    private func send(_ opcode: Opcode, _ payload: [UInt8]) -> Bool {
        guard hasRoom(payload.count), let socket else { return false }
        let compressed = deflater?.compress(payload.span)
        let bytes = compressed ?? payload
        connections.buffers.withFrameRoom(for: bytes.count) { frame in
            FrameEncoder.append(opcode, payload: bytes, isCompressed: compressed != nil, into: &frame)
            socket.enqueue(frame)
        }
        if batches == 0 { flush() }
        return true
    }

    private func hasRoom(_ bytes: Int) -> Bool {
        precondition(loop.isCurrent, "a channel is touched off its loop")
        guard isOpen else { return false }
        if state.hasRoom(for: bytes, waiting: pendingBytes) { return true }
        switch delegate?.overflow(of: bytes, on: self) ?? .close(.tryAgainLater) {
        case .drop:
            // The outbox may be empty at the end of this batch. A delegate that dropped a message is notified
            // then, too.
            wasBlocked = true
            settleLater()
        case .close(let code): close(code)
        }
        return false
    }

    private func sendClose(_ payload: [UInt8]) {
        sendControl(.close, payload)
    }

    private func sendControl(_ opcode: Opcode, _ payload: [UInt8]) {
        var frame: [UInt8] = []
        FrameEncoder.append(opcode, payload: payload, into: &frame)
        socket?.enqueue(copying: frame.span)
        if batches == 0 { flush() }
    }

    private func flush() {
        socket?.flush()
        sent()
    }

    /// Updates the state with the amount of output that is left. The consequences wait for the end of the turn, because
    /// the caller may be in the middle of a list of channels.
    private func sent() {
        guard let socket else { return }
        let before = state.wantsRead
        state.outputChanged(
            pending: socket.pendingBytes, stalledSince: socket.stalledSince, now: loop.peerNow)
        if socket.isBlocked { wasBlocked = true }
        // A send that empties a blocked outbox ends the watch for writing, so no later event would notify the
        // delegate.
        guard socket.isLost || wasBlocked || state.ending != .none || before != state.wantsRead else {
            return
        }
        settleLater()
    }

    private func settleLater() {
        guard !settling else { return }
        settling = true
        loop.atEndOfTurn { [self] in
            settling = false
            settle()
        }
    }

    // MARK: Events

    /// Makes the delegate, which may send at once, and then delivers the frames that came with the handshake.
    func open(_ makeDelegate: (WebSocketChannel) -> (any WebSocketDelegate)?, received rest: [UInt8]) {
        socket?.owner = self
        connections.observer.webSocketOpened(route: route)
        batch {
            delegate = makeDelegate(self)
            consume(rest.span)
        }
        settle()
    }

    func socketReady(_ readiness: Readiness) {
        guard let socket else { return }
        let reads = socket.isReading && readiness.contains(.readable)
        batch {
            if reads { receive(socket) }
        }
        keepAccount()
        if readiness.contains(.hangUp), !reads { return end() }
        settle()
    }

    func drain() {
        close(.serviceRestart)
    }

    func abort() {
        end()
    }

    private func receive(_ socket: BufferedSocket) {
        let hasEnded = socket.receive(while: { self.socket != nil && state.wantsRead }) { input in
            state.heard(now: loop.peerNow)
            consume(input)
        }
        if hasEnded { end() }
    }

    private func consume(_ input: Span<UInt8>) {
        var offset = 0
        while state.isListening, socket != nil {
            do throws(WebSocketError) {
                guard let event = try decoder.next(input, &offset) else { return }
                handle(event)
            } catch {
                if state.failed(error.closeCode, now: loop.peerNow) {
                    sendClose(FrameEncoder.closePayload(error.closeCode, reason: error.detail))
                }
            }
        }
    }

    private func handle(_ event: WebSocketEvent) {
        switch event {
        // Messages that arrive after our close frame are not delivered (RFC 6455 section 5.5.1 allows that).
        case .text(let message): if state.isOpen { delegate?.text(message, on: self) }
        case .binary(let message): if state.isOpen { delegate?.binary(message, on: self) }
        case .ping(let payload): pong(payload)
        case .pong: break
        case .close(let code, let reason):
            guard state.closeReceived(code, reason: reason, now: loop.peerNow) else { return }
            sendClose(code.map { FrameEncoder.closePayload($0) } ?? [])
        }
    }

    /// Sends a pong. A peer that does not read gets none, so that its outbox cannot grow beyond its limit.
    private func pong(_ payload: [UInt8]) {
        guard state.isOpen, state.hasRoom(for: payload.count, waiting: pendingBytes) else { return }
        sendControl(.pong, payload)
    }

    /// Reports to the body budget what is held of an incomplete message. If the limits allow messages that are longer
    /// than small bodies, as in conformance suites, only those limits apply.
    private func keepAccount() {
        let held = decoder.messageBytes
        // An event may have closed the channel. An entry made after that would never be removed.
        guard held > 0, socket != nil, state.limits.messageBytes <= connections.bodies.limits.smallBodyBytes
        else {
            return leaveAccount()
        }
        let account =
            self.account ?? BodyAccount(connections.bodies, holder: self, client: remoteAddress.client)
        self.account = account
        if let cause = account.update(received: held, held: held, isLarge: false, now: loop.now) {
            bodyEnds(account.ticket, cause)
        }
    }

    private func leaveAccount() {
        account?.end()
        account = nil
    }

    func bodyEnds(_ ticket: BodyBudget.Ticket, _ cause: BodyEnd) {
        guard account?.ticket == ticket else { return }
        leaveAccount()
        connections.observer.bodyEnded(cause)
        decoder.abandon()
        if state.failed(.tryAgainLater, now: loop.peerNow) {
            sendClose(FrameEncoder.closePayload(.tryAgainLater, reason: "A message arrived too slowly."))
        }
        settle()
    }

    private func timerFired() {
        timer.fired()
        switch state.expired(now: loop.peerNow) {
        case .none: break
        case .ping: batch { socket?.enqueue(copying: Self.ping.span) }
        case .drop: return end()
        case .closeBlocked:
            socket?.discardUnstarted()
            close(.tryAgainLater)
        }
        settle()
    }

    // MARK: End

    private func settle() {
        guard let socket else { return }
        guard !socket.isLost else { return end() }
        if wasBlocked, !socket.isBlocked {
            wasBlocked = false
            batch { delegate?.drained(self) }
        }
        switch state.ending {
        case .none: break
        case .shutdown:
            if !hasShutDown { socket.shutdownWrite() }
            hasShutDown = true
        }
        socket.setReading(state.wantsRead)
        rearm()
    }

    private func rearm() {
        let deadline = loop.instant(ofPeerTime: state.deadline)
        timer.arm(at: deadline, on: loop) { [self] in timerFired() }
    }

    private func end() {
        guard let socket else { return }
        socket.close()
        leaveAccount()
        connections.remove(self)
        self.socket = nil
        timer.cancel()
        connections.observer.webSocketClosed(
            route: route, code: state.closeCode, duration: loop.now.since(openedAt))
        delegate?.closed(self, code: state.closeCode, reason: state.closeReason)
        delegate = nil
    }
}
