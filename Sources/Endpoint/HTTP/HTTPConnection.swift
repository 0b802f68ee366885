internal import EventLoops
internal import HTTP1
internal import Sockets

/// One accepted connection while it speaks HTTP/1.1: performs what its `ConnectionState` decides.
///
/// It is kept alive by its loop's table and by its socket, until `close`. Touched on its loop only.
///
/// What every request changes several times is not checked for exclusive access while running, which would add more than
/// half to what a request costs: one thread touches it, and no access overlaps another, because nothing that is called with
/// a part of it calls the connection back.
final class HTTPConnection: SocketOwner, ManagedConnection {
    /// Times that one event fills and sends the output, so that one that asks for much does not hold up the loop.
    private static let roundsPerTurn = 8

    let connections: LoopConnections
    let dispatcher: Dispatcher
    let writer: ResponseWriter
    var place = Place.none
    @safe @exclusivity(unchecked) var state: ConnectionState
    @safe @exclusivity(unchecked) var responses = ResponseQueue<Request, Reply>()
    /// Of the head whose body is being received.
    @safe @exclusivity(unchecked) var slot: RouteSlot?
    /// An upgrade whose response is written, and whose socket changes hands when the event at hand is done.
    var upgrade: (request: Request, upgrade: WebSocketUpgrade)?
    /// The body of the oldest response while it is being made.
    var stream: BodyStream?
    /// The responses of the event at hand, sent at its end.
    @safe @exclusivity(unchecked) var output = Output()
    /// What is not complete of it, in the account of all; nil while all is.
    var account: BodyAccount?
    /// What arrived and may not be consumed yet. The socket is not read meanwhile, so this is one read at most.
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
    /// The state's clock: what peers have to do in time is not held against them while the loop does not run.
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
        // Without a wish to read nothing else would tell that the peer is gone, and the loop would spin.
        if readiness.contains(.hangUp), !(reads && readiness.contains(.readable)) { close() }
    }

    /// Ends the connection between two requests, or after those that are under way or have arrived.
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

    /// Runs `body` and then does what follows from it: one send for all responses, then reading, waiting or closing.
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

    /// Whether something waits for nothing else than its turn.
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

    /// Goes on with what had to wait.
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
            // Taken out meanwhile: what belongs to an object is retained for each use.
            var sending = Output()
            swap(&sending, &output)
            socket.send(sending.bytes, followedBy: sending.tail)
            // The socket may keep a reference to what it could not send: then this makes a new array.
            sending.removeAll(keepingCapacity: !socket.isBlocked)
            swap(&sending, &output)
        }
        outputChanged()
    }

    /// Tells the state what is unsent, so that it stops asking for more.
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
        // A subscriber that takes little is sent less; only one that takes nothing is closed.
        socket.demand(bytesPerSecond: 0)
        let channel = WebSocketChannel(
            socket, upgrade: upgrade, in: connections, remoteAddress: request.remoteAddress, id: request.id,
            route: request.routeLabel)
        connections.replace(self, by: channel)
        channel.open(upgrade.delegate, received: rest)
        if connections.isDraining { channel.drain() }
    }

    /// Ends the connection so that the peer cannot take what it got for all there is.
    func reset() {
        socket?.resetAtClose()
        close()
    }

    private func close() {
        guard let socket else { return }
        // The end of the connection would be the end of such a body.
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
