internal import EventLoops
internal import HTTP1
internal import HTTPTypes
internal import Sockets

/// One loop's part of an endpoint: its listener, its connections, and what they share. Touched on its loop only.
final class EndpointLoop {
    /// A bigger output buffer is not kept for the next event.
    private static let keptOutputBytes = 262_144

    let loop: EventLoop
    let configuration: EndpointConfiguration
    let rules: ConnectionRules
    let middleware: [any Middleware]
    let observer: any EndpointObserver
    let scratch = Scratch()
    var lines = AnswerLines()
    /// What the connections of this loop read last.
    var heads = HeadMemo()
    private var routingMemo = RoutingMemo()
    private let router: Router
    private let errorResponder: ErrorResponder
    private let admissions: ConnectionAdmissions
    /// Shared by all loops of the endpoint.
    let bodies: BodyBudget
    private var listener: Listener?
    private var connections = ConnectionTable()
    private var date = DateLine()
    private var preparedStart = PreparedStart()
    private var requestIDs = RequestIDs()
    private var spareOutput: [UInt8] = []
    private var frameRoom: [UInt8] = []
    private var draining: Draining?

    init(
        _ parts: EndpointParts, on loop: EventLoop, admissions: ConnectionAdmissions, bodies: BodyBudget
    ) {
        self.bodies = bodies
        self.loop = loop
        configuration = parts.configuration
        rules = ConnectionRules(parts.configuration)
        middleware = parts.middleware
        observer = parts.observer
        router = parts.router
        errorResponder = parts.errorResponder
        self.admissions = admissions
    }

    // MARK: Connections

    /// Listens and accepts; returns the address with its port.
    func listen(on address: SocketAddress) throws -> SocketAddress {
        let socket = try BoundSocket(address)
        let listener = try Listener(
            socket, on: loop, accepted: { [self] in accepted($0) },
            exhausted: { [observer] _ in observer.refused(.exhausted, from: nil) })
        self.listener = listener
        return listener.address
    }

    private func accepted(_ stream: StreamSocket) {
        if let refusal = admissions.admit(stream.remoteAddress) { return refuse(stream, refusal) }
        guard let connection = try? HTTPConnection(stream, home: self, isCounted: true) else {
            // The kernel refused to watch it: out of memory, or of watches (epoll_ctl(2), ENOSPC).
            admissions.release(stream.remoteAddress)
            observer.refused(.exhausted, from: stream.remoteAddress)
            return stream.close()
        }
        connections.insert(connection)
        observer.connectionOpened(on: loop)
    }

    private func refuse(_ stream: StreamSocket, _ refusal: Refusal) {
        observer.refused(refusal, from: stream.remoteAddress)
        guard admissions.holdRefused() else { return turnAway(stream) }
        guard let connection = try? HTTPConnection(stream, home: self, isCounted: false) else {
            admissions.releaseRefused()
            return stream.close()
        }
        connections.insert(connection)
        connection.refuse(.tooManyConnections)
    }

    /// Says 503 without a wait for the client to read it, which it mostly can, because it has sent nothing yet.
    private func turnAway(_ stream: StreamSocket) {
        let id = newRequestID()
        startLines(id)
        var bytes: [UInt8] = []
        lines.append(
            response(to: EndpointError.tooManyConnections, requestID: id.text), version: .http11,
            keepAlive: false, withBody: true, to: &bytes)
        // It is closed in any case.
        _ = try? stream.write(bytes.span)
        stream.close()
    }

    func remove(_ connection: any ManagedConnection) {
        guard connections.remove(connection) else { return }
        if connection.isCounted {
            admissions.release(connection.peerAddress)
            observer.connectionClosed(on: loop)
        } else {
            admissions.releaseRefused()
        }
        if connections.isEmpty { emptied() }
    }

    func replace(_ connection: HTTPConnection, by channel: WebSocketChannel) {
        _ = connections.remove(connection)
        connections.insert(channel)
    }

    // MARK: Drain

    /// Stops accepting and ends every connection: HTTP after what is under way, WebSockets in batches spread over
    /// `spread`, what is left when `time` is over by force. Calls `done` when none is left; may be called again.
    /// Afterwards the loop may `listen` again.
    func drain(within time: Duration, spread: Duration, done: @escaping @Sendable () -> Void) {
        listener?.acceptQueued()
        listener?.close()
        listener = nil
        let draining = self.draining ?? Draining()
        self.draining = draining
        draining.whenEmptied(done)
        guard !connections.isEmpty else { return emptied() }
        let all = connections.all
        // Before the first connection ends: the last one to end cancels it, and it may be the last already.
        draining.byForce.append(
            loop.schedule(after: time) { [self] in
                for connection in connections.all { connection.abort() }
            })
        for connection in all where !(connection is WebSocketChannel) { connection.drain() }
        closeInBatches(all.compactMap { $0 as? WebSocketChannel }, over: spread)
    }

    /// Whether what begins now has to end soon.
    var isDraining: Bool { draining != nil }

    private func emptied() {
        let draining = self.draining
        self.draining = nil
        draining?.emptied()
    }

    /// All at once, their clients would come back to the next server all at once.
    private func closeInBatches(_ channels: [WebSocketChannel], over spread: Duration) {
        let interval = Duration.milliseconds(50)
        let batches = max(Int(spread / interval), 1)
        let size = max((channels.count + batches - 1) / batches, 1)
        for (index, start) in stride(from: 0, to: channels.count, by: size).enumerated() {
            let batch = channels[start..<min(start + size, channels.count)]
            guard index > 0 else {
                for channel in batch { channel.drain() }
                continue
            }
            loop.schedule(after: interval * index) { for channel in batch { channel.drain() } }
        }
    }

    // MARK: What connections ask

    /// A head with what its route says about it.
    func routed(_ head: RequestHead) -> RoutedHead {
        if let known = routingMemo.routed(head) { return known }
        let found = RoutedHead(head, route(head))
        routingMemo.remember(found)
        return found
    }

    private func route(_ head: RequestHead) -> Admission {
        let path = head.pathBytes
        switch router.match(head.method, path: path.span) {
        case .route(let route):
            guard head.bodyFraming != .none else {
                return route.takesBody ? .refused(.lengthRequired, route) : .route(route)
            }
            guard !route.accepts(contentType: head[.contentType]) else { return .route(route) }
            return .refused(.unsupportedMediaType(accepted: route.options.contentTypes), route)
        case .options(let table): return .options(table)
        case .refused(let error, let table): return .refused(error, table.routes.first)
        case .none(let error): return .refused(error, nil)
        }
    }

    func clientAddress(_ peer: SocketAddress, _ head: RequestHead) -> SocketAddress {
        let trusted = configuration.trustedProxies
        guard !trusted.isEmpty else { return peer }
        return ForwardedAddress.client(peer: peer, forwarded: head[.forwardedFor], trusted: trusted)
    }

    func isTrustedProxy(_ peer: SocketAddress) -> Bool {
        configuration.trustedProxies.contains { $0.contains(peer) }
    }

    func newRequestID() -> RequestID { requestIDs.next() }

    /// The answer to an error on the way of a request, through all middleware.
    func response(to error: any Error, for request: Request) -> Response {
        var response = response(to: error, requestID: request.requestID)
        complete(&response, request)
        return response
    }

    func response(to error: any Error, requestID: String) -> Response {
        var response = errorResponder(error, requestID)
        guard let error = error as? EndpointError else { return response }
        for field in error.fields where response.fields[field.name] == nil {
            response.fields[field.name] = field.value
        }
        return response
    }

    func complete(_ response: inout Response, _ request: Request) {
        for middleware in middleware.reversed() { middleware.after(&response, request) }
    }

    func startLines(_ requestID: RequestID) {
        lines.start(dateLine: date.line(at: loop.now), requestID: requestID)
    }

    /// Appends what an answer that was made before starts with, see `PreparedStart`.
    func start(_ prepared: PreparedResponse, _ requestID: RequestID, in bytes: inout [UInt8]) {
        preparedStart.append(
            prepared, dateLine: date.line(at: loop.now), second: date.second, requestID, to: &bytes)
    }

    func finished(_ exchange: Exchange, _ status: HTTPResponse.Status, sentBytes: Int, cut: StreamCut? = nil)
    {
        observer.requestFinished(
            FinishedRequest(
                exchange: exchange, status: status,
                nanoseconds: MonotonicInstant.read().nanoseconds(since: exchange.receivedAt),
                sentBytes: sentBytes, cut: cut))
    }

    // MARK: Lent memory

    /// Gives the loop's output buffer to the connection that has an event; one inside another gets a new one.
    func lendOutput(to output: inout [UInt8]) {
        guard output.isEmpty else { return }
        swap(&output, &spareOutput)
    }

    func takeBackOutput(from output: inout [UInt8]) {
        if !output.isEmpty { output.removeAll(keepingCapacity: true) }
        guard output.capacity > spareOutput.capacity, output.capacity <= Self.keptOutputBytes else {
            output = []
            return
        }
        swap(&output, &spareOutput)
        output = []
    }

    /// Lends room for one frame; a big one gets its own, since it will be kept.
    func withFrameRoom(for bytes: Int, _ body: (inout [UInt8]) -> Void) {
        guard bytes < Outbox.joinLimit else {
            var own: [UInt8] = []
            return body(&own)
        }
        var room: [UInt8] = []
        swap(&room, &frameRoom)
        room.removeAll(keepingCapacity: true)
        body(&room)
        swap(&room, &frameRoom)
    }
}

/// Who waits for a loop to have no connection left.
private final class Draining {
    /// When the rest is closed by force. Left armed, they would close connections that came after the drain.
    var byForce: [ScheduledTimer] = []
    private var waiting: [@Sendable () -> Void] = []

    func whenEmptied(_ done: @escaping @Sendable () -> Void) {
        waiting.append(done)
    }

    func emptied() {
        let waiting = self.waiting
        self.waiting = []
        for timer in byForce { timer.cancel() }
        byForce = []
        for done in waiting { done() }
    }
}
