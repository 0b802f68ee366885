internal import EventLoops
internal import HTTP1
internal import Sockets

/// One accepted connection while it speaks HTTP/1.1: performs what its `ConnectionState` decides.
///
/// Its loop's list of connections and its socket keep it alive until `close`. Touched on its loop only.
///
/// The fields that every request changes have no run-time check for exclusive access, which would raise the cost of a
/// request by more than half. Only one thread touches them, and accesses cannot overlap, because no function that is
/// called with one of them calls the connection back.
final class HTTPConnection: SocketOwner, ManagedConnection {
    /// How often one event may fill and send the output, so that a client that asks for much does not hold up the loop.
    private static let roundsPerTurn = 8

    let connections: LoopConnections
    let dispatcher: Dispatcher
    let writer: ResponseWriter
    var place = Place.none
    @safe @exclusivity(unchecked) var state: ConnectionState
    @safe @exclusivity(unchecked) var responses = ResponseQueue<Request, Reply>()
    /// The slot of the head whose body is being received.
    @safe @exclusivity(unchecked) var slot: RouteSlot?
    /// An upgrade whose 101 is written. At the end of this event the socket passes to the WebSocket.
    var upgrade: (request: Request, upgrade: WebSocketUpgrade)?
    /// The body of the oldest response, if it is streamed and not complete.
    var stream: BodyStream?
    /// The responses of this event, which are sent at its end.
    @safe @exclusivity(unchecked) var output = Output()
    /// The entry in the body budget for an incomplete request; nil without one.
    var account: BodyAccount?
    /// Input that may not be consumed yet. The socket is not read meanwhile, so this is at most one read.
    @safe @exclusivity(unchecked) private(set) var unread: [UInt8] = [] {
        didSet { state.hasUnread = !unread.isEmpty }
    }
    private var socket: BufferedSocket?
    private var goesOnLater = false
    @safe @exclusivity(unchecked) private var timer = DeadlineTimer()
    let isCounted: Bool
    let peerAddress: SocketAddress

    init(
        _ stream: StreamSocket, in connections: LoopConnections, dispatcher: Dispatcher,
        writer: ResponseWriter,
        rules: ConnectionRules, isCounted: Bool
    ) throws(EventLoopError) {
        self.connections = connections
        self.dispatcher = dispatcher
        self.writer = writer
        self.isCounted = isCounted
        peerAddress = stream.remoteAddress
        let loop = connections.loop
        state = ConnectionState(rules, now: loop.peerNow, headPlace: dispatcher.heads.lastPlace)
        let socket = try BufferedSocket(stream, on: loop, buffers: connections.buffers)
        self.socket = socket
        socket.owner = self
        socket.demand(bytesPerSecond: rules.writeBytesPerSecond)
        rearm()
    }

    var loop: EventLoop { connections.loop }
    var now: MonotonicInstant { loop.now }
    /// The clock of `state`. It stands still while the loop does not run, so peers do not lose that time.
    var peerNow: MonotonicInstant { loop.peerNow }

    var isOpen: Bool { socket != nil }

    var isLongLived: Bool { false }

    // MARK: Events

    func socketReady(_ readiness: Readiness) {
        guard let socket else { return }
        if readiness.contains(.writable) { socket.flush() }
        let reads = socket.isReading
        perform { if reads, readiness.contains(.readable) { receive(socket) } }
        if readiness.contains(.writable) { streamMayGoOn() }
        // If the socket is not read, only this event shows that the peer is gone. Ignoring it would make the loop spin.
        if readiness.contains(.hangUp), !(reads && readiness.contains(.readable)) { close() }
    }

    /// Ends the connection: at once between two requests, else after the requests that are in progress or have arrived.
    func drain() {
        guard let socket else { return }
        perform {
            state.drainBegan()
            if socket.isReading { receive(socket) }
            state.drain()
        }
    }

    func abort() {
        close()
    }

    /// Responds with an error before anything is read.
    func refuse(_ error: EndpointError) {
        perform {
            state.refused()
            fail(with: error, of: nil)
        }
    }

    private func timerFired() {
        timer.fired()
        perform {
            switch state.expired(now: peerNow) {
            case .none: break
            case .close: return close()
            case .requestTimedOut(let head, let cause):
                if let cause { connections.observer.bodyEnded(cause) }
                fail(with: EndpointError.requestTimedOut, of: head)
            }
            for number in responses.cancelOverdue(at: now) {
                decided(number, .failure(EndpointError.handlerTimedOut))
            }
        }
    }

    // MARK: One event

    /// Handles one event: runs `body`, sends all responses together, and then reads on, waits or closes.
    func perform(_ body: () -> Void) {
        guard socket != nil else { return }
        connections.buffers.lendOutput(to: &output.bytes)
        body()
        var rounds = 0
        repeat {
            writeReadyResponses()
            consumeUnread()
            keepAccount()
            flushOutput()
            rounds += 1
        } while mayGoOn && rounds < Self.roundsPerTurn
        connections.buffers.takeBackOutput(from: &output.bytes)
        settle()
    }

    /// Whether there is work that waits for no further event.
    private var mayGoOn: Bool {
        (state.mayWrite && responses.isFirstReady(at: now)) || (state.mayConsume && !unread.isEmpty)
            || state.mayTakeWaiting
    }

    private func goOnLater() {
        guard !goesOnLater else { return }
        goesOnLater = true
        loop.atEndOfTurn { [self] in
            goesOnLater = false
            perform {}
        }
    }

    private func settle() {
        guard let socket else { return }
        guard !socket.isLost else { return close() }
        if let upgrade { return become(upgrade.upgrade, after: upgrade.request) }
        switch state.ending {
        case .none: break
        case .shutdown:
            socket.shutdownWrite()
            state.lingering(now: peerNow)
        case .close: return close()
        }
        if state.discardsInput { unread = [] }
        socket.setReading(state.wantsRead && unread.isEmpty)
        if mayGoOn { goOnLater() }
        rearm()
    }

    private func receive(_ socket: BufferedSocket) {
        let hasEnded = socket.receive(while: { state.wantsRead && unread.isEmpty }) { consume($0) }
        if hasEnded { state.inputEnded(now: peerNow) }
    }

    private func consume(_ input: Span<UInt8>) {
        guard !state.discardsInput else { return state.discarded(input.count, now: peerNow) }
        var offset = 0
        while let step = state.next(input, &offset, now: peerNow, cache: &dispatcher.heads) {
            switch step {
            case .admit(let head): admit(head, waits: head.expectsContinue && offset == input.count)
            case .request(let head, let body): handle(head, body)
            case .failed(let error, let head): fail(with: error, of: head)
            }
        }
        guard offset < input.count, !state.discardsInput else { return }
        unread.append(copying: input.extracting(offset...))
    }

    /// Continues with the request and the input that had to wait.
    private func consumeUnread() {
        if let (head, body) = state.takeWaiting() { handle(head, body) }
        guard !unread.isEmpty, state.mayConsume else { return }
        let input = unread
        unread = []
        consume(input.span)
    }

    // MARK: Output

    private func flushOutput() {
        guard let socket else { return }
        if !output.isEmpty {
            // Moved to a local variable: each use of an object's field would be retained.
            var sending = Output()
            swap(&sending, &output)
            socket.send(sending.bytes, followedBy: sending.tail)
            // If output is left, the socket shares these arrays. Keeping their capacity would allocate new ones.
            sending.removeAll(keepingCapacity: !socket.isBlocked)
            swap(&sending, &output)
        }
        outputChanged()
    }

    /// Updates the state with the amount of unsent output. Beyond the limit it accepts no more requests.
    func outputChanged() {
        guard let socket else { return }
        state.outputChanged(
            pending: socket.pendingBytes + output.count, stalledSince: socket.stalledSince, now: peerNow)
    }

    // MARK: Time and end

    private func rearm() {
        let peers = state.deadline.map { loop.instant(ofPeerTime: $0) }
        guard let deadline = MonotonicInstant.earlier(peers, responses.earliestDeadline) else { return }
        timer.arm(at: deadline, on: loop) { [self] in timerFired() }
    }

    private func become(_ upgrade: WebSocketUpgrade, after request: Request) {
        guard let socket else { return }
        let rest = unread
        release()
        // A WebSocket has no least rate: a slow client may miss messages, and only a client that reads
        // nothing is closed.
        socket.demand(bytesPerSecond: 0)
        let channel = WebSocketChannel(
            socket, upgrade: upgrade, in: connections, remoteAddress: request.remoteAddress, id: request.id,
            route: request.routeLabel)
        connections.replace(self, by: channel)
        channel.open(upgrade.delegate, received: rest)
        if connections.isDraining { channel.drain() }
    }

    /// Ends the connection by a reset, so that the peer cannot take an incomplete response for a complete one.
    func reset() {
        socket?.resetAtClose()
        close()
    }

    private func close() {
        guard let socket else { return }
        // A normal close would mark the end of such a body. The reset shows that it is incomplete.
        if case .untilClose? = stream?.framing { socket.resetAtClose() }
        release()
        socket.close()
        connections.remove(self)
    }

    private func release() {
        socket = nil
        timer.cancel()
        dropStream()
        responses.removeAll()
        unread = []
        leaveAccount()
    }
}
