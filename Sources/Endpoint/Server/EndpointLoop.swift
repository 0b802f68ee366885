internal import EventLoops
internal import HTTP1
internal import Sockets

/// One loop's part of an endpoint: accepts connections and drains them. Touched on its loop only.
final class EndpointLoop {
    private let connections: LoopConnections
    private let dispatcher: Dispatcher
    private let limiter: ConnectionLimiter
    private let rules: ConnectionRules
    private let writer = ResponseWriter()
    private var listener: Listener?

    init(
        _ connections: LoopConnections, _ dispatcher: Dispatcher, limiter: ConnectionLimiter,
        rules: ConnectionRules
    ) {
        self.connections = connections
        self.dispatcher = dispatcher
        self.limiter = limiter
        self.rules = rules
    }

    /// Listens and accepts; returns the address with its port.
    func listen(on address: SocketAddress) throws -> SocketAddress {
        let socket = try BoundSocket(address)
        let listener = try Listener(
            socket, on: connections.loop, accepted: { [self] in accepted($0) },
            exhausted: { [connections] _ in connections.observer.refused(.exhausted, from: nil) })
        self.listener = listener
        return listener.address
    }

    /// Stops accepting and ends every connection, see `LoopConnections.drain`. Afterwards the loop may `listen` again.
    func drain(within time: Duration, spread: Duration, done: @escaping @Sendable () -> Void) {
        listener?.acceptQueued()
        listener?.close()
        listener = nil
        connections.drain(within: time, spread: spread, done: done)
    }

    private func accepted(_ stream: StreamSocket) {
        if let refusal = limiter.admit(stream.remoteAddress) { return refuse(stream, refusal) }
        guard let connection = try? connection(stream, isCounted: true) else {
            // The kernel refused to watch the socket: no memory or no epoll watch is left (epoll_ctl(2), ENOSPC).
            limiter.release(stream.remoteAddress)
            connections.observer.refused(.exhausted, from: stream.remoteAddress)
            return stream.close()
        }
        connections.insert(connection)
    }

    private func connection(_ stream: StreamSocket, isCounted: Bool) throws(EventLoopError) -> HTTPConnection
    {
        try HTTPConnection(
            stream, in: connections, dispatcher: dispatcher, writer: writer, rules: rules,
            isCounted: isCounted)
    }

    private func refuse(_ stream: StreamSocket, _ refusal: Refusal) {
        connections.observer.refused(refusal, from: stream.remoteAddress)
        guard limiter.holdRefused() else { return sendRefusal(stream) }
        guard let connection = try? connection(stream, isCounted: false) else {
            limiter.releaseRefused()
            return stream.close()
        }
        connections.insert(connection)
        connection.refuse(.tooManyConnections)
    }

    /// Sends 503 and closes at once, without waiting for the client to read it. The client can usually read it: it has
    /// sent nothing yet, so the close is not a reset.
    private func sendRefusal(_ stream: StreamSocket) {
        let request = dispatcher.unreadable(isHead: false, from: stream.remoteAddress)
        let reply = dispatcher.reply(to: request, .failure(EndpointError.tooManyConnections))
        var bytes: [UInt8] = []
        if case .now(let response) = reply {
            writer.append(response, to: request, keepAlive: false, into: &bytes)
        }
        // The connection closes whether or not the write succeeds.
        _ = try? stream.write(bytes.span)
        stream.close()
    }
}
