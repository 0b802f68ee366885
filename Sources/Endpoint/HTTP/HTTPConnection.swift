internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets
internal import WebSockets

/// One accepted connection while it speaks HTTP/1.1: performs what its `ConnectionState` decides.
///
/// It is kept alive by its loop's list and by its socket, until `close`. Touched on its loop only.
final class HTTPConnection: SocketOwner, ManagedConnection {
    /// Reads per turn, so that one fast sender does not hold up the loop.
    private static let readsPerTurn = 4
    /// Times that one event fills and sends the output, so that one that asks for much does not either.
    private static let roundsPerTurn = 8

    let home: EndpointLoop
    var place: Int?
    var state: ConnectionState
    var answers = AnswerQueue<Exchange, Answer>()
    /// Of the head whose body is being received.
    var routed: RoutedHead?
    /// An upgrade whose answer is written, and whose socket changes hands when the event at hand is done.
    var upgrade: (exchange: Exchange, upgrade: WebSocketUpgrade)?
    /// The body of the oldest answer while it is being made.
    var stream: BodyStream?
    /// The answers of the event at hand, sent at its end.
    var output = Output()
    /// What is not complete of it, in the account of all; nil while all is.
    var account: BodyAccount?
    /// What arrived and may not be consumed yet. The socket is not read meanwhile, so this is one read at most.
    private(set) var unread: [UInt8] = [] { didSet { state.hasUnread = !unread.isEmpty } }
    private var socket: BufferedSocket?
    private var goesOnLater = false
    private var timer: ScheduledTimer?
    private var timerDue: MonotonicInstant?
    /// Whether it counts against the limits, as a refused one does not.
    let isCounted: Bool
    let peerAddress: SocketAddress

    init(_ stream: StreamSocket, home: EndpointLoop, isCounted: Bool) throws(EventLoopError) {
        self.home = home
        self.isCounted = isCounted
        peerAddress = stream.remoteAddress
        state = ConnectionState(home.rules, now: home.loop.peerNow, headPlace: home.heads.lastPlace)
        let socket = try BufferedSocket(stream, on: home.loop, scratch: home.scratch)
        self.socket = socket
        socket.owner = self
        socket.demand(bytesPerSecond: home.configuration.timeouts.writeBytesPerSecond)
        rearm()
    }

    var now: MonotonicInstant { home.loop.now }
    /// The state's clock: what peers have to do in time is not held against them while the loop does not run.
    var peerNow: MonotonicInstant { home.loop.peerNow }

    var isOpen: Bool { socket != nil }

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

    /// Answers `error` before anything is read.
    func refuse(_ error: EndpointError) {
        perform {
            state.refused()
            fail(with: error, of: nil)
        }
    }

    private func timerFired() {
        timerDue = nil
        perform {
            switch state.expired(now: peerNow) {
            case .none: break
            case .close: return close()
            case .requestTimedOut(let head, let cause):
                if let cause { home.observer.bodyEnded(cause) }
                fail(with: EndpointError.requestTimedOut, of: head)
            }
            for number in answers.cancelOverdue(at: now) {
                completed(number, .failure(EndpointError.handlerTimedOut))
            }
        }
    }

    /// A handler that answers later has its result. Ignored when the answer is not awaited any more.
    func handlerEnded(_ number: UInt64, _ result: Result<Reply, any Error>) {
        guard socket != nil else { return }
        perform { completed(number, result) }
    }

    // MARK: One event

    /// Runs `body` and then does what follows from it: one send for all answers, then reading, waiting or closing.
    func perform(_ body: () -> Void) {
        guard socket != nil else { return }
        home.lendOutput(to: &output.bytes)
        body()
        var rounds = 0
        repeat {
            writeReadyAnswers()
            consumeUnread()
            keepAccount()
            flushOutput()
            rounds += 1
        } while mayGoOn && rounds < Self.roundsPerTurn
        home.takeBackOutput(from: &output.bytes)
        settle()
    }

    /// Whether something waits for nothing else than its turn.
    private var mayGoOn: Bool {
        (state.mayWrite && answers.isFirstReady(at: now)) || (state.mayConsume && !unread.isEmpty)
            || state.mayTakeWaiting
    }

    private func goOnLater() {
        guard !goesOnLater else { return }
        goesOnLater = true
        home.loop.atEndOfTurn { [self] in
            goesOnLater = false
            perform {}
        }
    }

    private func settle() {
        guard let socket else { return }
        guard !socket.isLost else { return close() }
        if let upgrade { return become(upgrade.upgrade, after: upgrade.exchange) }
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
        let buffer = home.loop.readBuffer
        for _ in 0..<Self.readsPerTurn {
            switch socket.read() {
            case .bytes(let count):
                buffer.withSpan(count) { consume($0) }
                // The rest of the turn belongs to others, epoll tells of more.
                if !socket.mayHaveMore { return }
            case .wouldBlock: return
            case .endOfFile: return state.inputEnded(now: peerNow)
            }
            guard state.wantsRead, unread.isEmpty else { return }
        }
    }

    private func consume(_ input: Span<UInt8>) {
        guard !state.discardsInput else { return state.discarded(input.count, now: peerNow) }
        var offset = 0
        while let step = state.next(input, &offset, now: peerNow, memo: &home.heads) {
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

    /// Arms the timer only when it is to fire earlier than it would: a timer that fires too early is armed
    /// anew, so that a request on a busy connection costs none.
    private func rearm() {
        let peers = state.deadline.map { home.loop.instant(ofPeerTime: $0) }
        guard let deadline = MonotonicInstant.earlier(peers, answers.earliestDeadline) else { return }
        if let timerDue, timerDue <= deadline { return }
        timer?.cancel()
        timerDue = deadline
        timer = home.loop.schedule(at: deadline) { [self] in timerFired() }
    }

    private func become(_ upgrade: WebSocketUpgrade, after exchange: Exchange) {
        guard let socket else { return }
        let rest = unread
        release()
        // A subscriber that takes little is sent less; only one that takes nothing is closed.
        socket.demand(bytesPerSecond: 0)
        let channel = WebSocketChannel(
            socket, upgrade: upgrade, exchange: exchange, home: home, isCounted: isCounted)
        home.replace(self, by: channel)
        channel.open(upgrade.delegate, received: rest)
        if home.isDraining { channel.drain() }
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
        home.remove(self)
    }

    private func release() {
        socket = nil
        timer?.cancel()
        timer = nil
        dropStream()
        answers.removeAll()
        unread = []
        leaveAccount()
    }
}
