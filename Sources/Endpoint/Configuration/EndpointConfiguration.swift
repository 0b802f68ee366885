package import HTTP1
package import Sockets

/// The settings of an endpoint.
package struct EndpointConfiguration: Sendable {
    /// The numeric address to listen on.
    package var host: String
    /// The port; 0 lets the kernel choose, see `EndpointServer.port`.
    package var port: UInt16
    /// Holds the address until the endpoint listens for the first time. If set, its address replaces `host` and `port`.
    package var reservation: PortReservation?
    /// The parser's limits; a route may set another body limit.
    package var limits: HTTPLimits
    package var timeouts: EndpointTimeouts
    /// The memory limits for bodies that are being received, over all connections of all loops.
    package var bodies = BodyLimits()
    /// The most requests of one connection whose responses may be outstanding: 16. At the limit nothing more is read.
    package var maxPipelinedRequests: Int
    /// The most unsent bytes of one connection: 65,536. Beyond it no further request is read.
    package var maxPendingOutputBytes: Int
    /// The most open connections, on all loops together: 10,000.
    package var maxConnections: Int
    /// The most open connections from one IPv4 address or IPv6 network of 64 bits; 0, the default, means no limit.
    /// Trusted proxies and loopback peers have no such limit.
    package var maxConnectionsPerAddress: Int
    /// Whether loopback peers have that limit, too, for tests. Default false.
    package var limitsLoopback = false
    /// The most connections beyond these limits that stay open for a moment to get their 503, on all loops together.
    /// A further one gets its 503 without a wait and is closed at once. Default 64.
    package var maxRefusedConnections = 64
    /// The proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [NetworkPrefix]

    package init(
        host: String = "127.0.0.1", port: UInt16 = 0, limits: HTTPLimits = HTTPLimits(),
        timeouts: EndpointTimeouts = EndpointTimeouts(), maxPipelinedRequests: Int = 16,
        maxPendingOutputBytes: Int = 65_536, maxConnections: Int = 10_000, maxConnectionsPerAddress: Int = 0,
        trustedProxies: [NetworkPrefix] = []
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.timeouts = timeouts
        self.maxPipelinedRequests = max(maxPipelinedRequests, 1)
        self.maxPendingOutputBytes = maxPendingOutputBytes
        self.maxConnections = maxConnections
        self.maxConnectionsPerAddress = maxConnectionsPerAddress
        self.trustedProxies = trustedProxies
    }

    /// Whether the peer is a trusted proxy, so that its forwarding fields are believed.
    func isTrustedProxy(_ peer: SocketAddress) -> Bool {
        trustedProxies.contains { $0.contains(peer) }
    }
}

/// The time limits of an endpoint's connections.
package struct EndpointTimeouts: Sendable {
    /// The limit for the whole head of a request: 10 s from its first byte, or from the accept for a
    /// connection's first request.
    package var header: Duration = .seconds(10)
    /// The limit for a body, plus the time that `bodyBytesPerSecond` adds: 30 s.
    package var body: Duration = .seconds(30)
    /// The slowest rate of a body after that: 200 B/s, so that a slow link can deliver what it has stored up.
    package var bodyBytesPerSecond = 200
    /// The limit for a whole body, however fast it arrives: 300 s.
    package var bodyTotal: Duration = .seconds(300)
    /// The longest pause between two requests of a connection: 75 s. This is longer than proxies keep an
    /// idle connection (nginx and ALB 60 s), so that no proxy sends a request on a connection that the
    /// endpoint is closing.
    package var idle: Duration = .seconds(75)
    /// The limit for the client to read its response, plus the time that `writeBytesPerSecond` adds: 30 s.
    package var writeStall: Duration = .seconds(30)
    /// The slowest rate at which a client may read a response after that: 1 KiB/s.
    package var writeBytesPerSecond: UInt32 = 1_024
    /// The limit for a handler that replies asynchronously: 30 s. Then the client gets 503.
    package var handler: Duration = .seconds(30)
    /// How long an ended connection waits for the client to close, from the client's last bytes: 2 s.
    package var linger: Duration = .seconds(2)
    /// The longest such wait in all, while the client goes on sending: 30 s.
    package var lingerTotal: Duration = .seconds(30)

    /// Makes timeouts with the defaults named at each property.
    package init() {}
}
