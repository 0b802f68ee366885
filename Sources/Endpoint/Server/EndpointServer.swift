package import EventLoops
package import Sockets
internal import Supervision
internal import Synchronization

/// An HTTP/1.1 and WebSocket server on every loop of a group.
///
///     var router = Router()
///     router.get("/health") { _ in .now(Response(.ok)) }
///     let server = EndpointServer(
///         EndpointConfiguration(port: 8080), on: group, router: router, observer: observer,
///         errorResponder: { _, _ in Response(.internalServerError) })
///     try await server.run { print("listening on \(server.port ?? 0)") }
package final class EndpointServer: Sendable {
    private let configuration: EndpointConfiguration
    /// One per loop.
    let parts: [LoopBound<EndpointLoop>]
    let limiter: ConnectionLimiter
    private let bodies: BodyBudget
    private let boundAddress = Mutex<SocketAddress?>(nil)

    /// Makes the server; `start` or `run` make it listen.
    package init(
        _ configuration: EndpointConfiguration, on group: EventLoopGroup, router: Router,
        filters: [any ResponseFilter] = [], observer: any EndpointObserver,
        errorResponder: @escaping ErrorResponder
    ) {
        let limiter = ConnectionLimiter(configuration)
        let bodies = BodyBudget(configuration.bodies)
        let rules = ConnectionRules(configuration)
        self.configuration = configuration
        self.limiter = limiter
        self.bodies = bodies
        parts = group.loops.map { loop in
            let connections = LoopConnections(on: loop, observer: observer, bodies: bodies, limiter: limiter)
            let dispatcher = Dispatcher(
                on: loop, configuration, router: router, filters: filters, observer: observer,
                errorResponder: errorResponder)
            return LoopBound(EndpointLoop(connections, dispatcher, limiter: limiter, rules: rules), on: loop)
        }
    }

    /// The address that the server listens on; nil before its first start. Its port is the one that the kernel chose if
    /// the configuration says 0. It stays the same when the server starts again.
    package var address: SocketAddress? {
        boundAddress.withLock { $0 }
    }

    /// The port of `address`.
    package var port: UInt16? { address?.port }

    /// The memory held by bodies that are still being received, in bytes, see `BodyLimits`.
    package var heldBodyBytes: Int { bodies.heldBytes }

    /// Listens on every loop. It may be called again after a drain, and then listens on the same port.
    /// - Throws: `SocketError` when the address is not numeric or cannot be listened on. Then no loop listens.
    package func start() async throws {
        var address = try addressToListenOn()
        do {
            for part in parts {
                // The first loop may let the kernel choose a port; the other loops must use the same one.
                let wanted = address
                address = try await part.loop.perform { try part.value.listen(on: wanted) }
            }
        } catch {
            await drain(within: .zero)
            throw error
        }
        let bound = address
        boundAddress.withLock { $0 = bound }
        configuration.reservation?.release()
    }

    /// - Throws: `SocketError` when another socket listens there.
    private func addressToListenOn() throws(SocketError) -> SocketAddress {
        if address == nil, let reservation = configuration.reservation { return reservation.address }
        let wanted =
            if let address { address } else {
                try SocketAddress(host: configuration.host, port: configuration.port)
            }
        try BoundSocket.checkFree(wanted)
        return wanted
    }

    /// Listens until the task is cancelled, then closes the connections that `drain` has left. A supervisor may call it
    /// again afterwards.
    /// - Parameter ready: called once every loop listens.
    package func run(ready: @Sendable () -> Void = {}) async throws {
        try await start()
        ready()
        await cancellation()
        await drain(within: .zero)
    }

    /// Stops accepting and ends every connection. Returns when no connection is left. It may be called again.
    ///
    /// Requests in progress get their responses, with `Connection: close`; idle connections are closed; WebSockets are
    /// closed with 1012.
    /// - Parameters:
    ///   - time: connections that are still open after this time are closed by force.
    ///   - spread: the time over which the WebSockets are closed, in batches; half of `time` when nil.
    package func drain(within time: Duration, closingWebSocketsOver spread: Duration? = nil) async {
        await withDiscardingTaskGroup { group in
            for part in parts {
                group.addTask { await Self.drain(part, within: time, spread: spread ?? time / 2) }
            }
        }
    }

    private static func drain(
        _ part: LoopBound<EndpointLoop>, within time: Duration, spread: Duration
    ) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            part.loop.execute { part.value.drain(within: time, spread: spread) { continuation.resume() } }
        }
    }
}

extension EventLoop {
    /// Runs `body` on the loop and returns what it returns.
    func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
