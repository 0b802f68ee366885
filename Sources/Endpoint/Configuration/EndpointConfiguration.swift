package import HTTP1
package import Sockets

/// What an endpoint is told at its start.
package struct EndpointConfiguration: Sendable {
    /// The numeric address to listen on.
    package var host: String
    /// The port; 0 lets the kernel choose, see `EndpointServer.port`.
    package var port: UInt16
    /// Keeps the address until the endpoint listens for the first time; it then stands for `host` and `port`. nil: none.
    package var reservation: PortReservation?
    /// What the parser takes at most; a route may set another body limit.
    package var limits: HTTPLimits
    package var timeouts: EndpointTimeouts
    /// What bodies that are being received may hold, over all connections of all loops.
    package var bodies = BodyLimits()
    /// Requests of one connection whose responses may be outstanding; beyond it nothing is read.
    package var maxPipelinedRequests: Int
    /// Unsent bytes of one connection beyond which no further request is read from it.
    package var maxPendingOutputBytes: Int
    /// Connections open at a time, on all loops together.
    package var maxConnections: Int
    /// Connections open at a time from one IPv4 address or IPv6 network of 64 bits; 0 means no limit. Trusted proxies
    /// and loopback peers have none.
    package var maxConnectionsPerAddress: Int
    /// Whether loopback peers have it too, for tests. Default false.
    package var limitsLoopback = false
    /// Connections beyond these limits that are held for a moment to get their 503, on all loops together; more are
    /// closed at once. Default 64.
    package var maxRefusedConnections = 64
    /// The proxies whose `X-Forwarded-For` counts.
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

    /// Whether what a peer forwards of its client counts.
    func isTrustedProxy(_ peer: SocketAddress) -> Bool {
        trustedProxies.contains { $0.contains(peer) }
    }
}

/// How long an endpoint waits for what.
package struct EndpointTimeouts: Sendable {
    /// For the whole head of a request from its first byte, and for the first byte of a new connection: 10 s.
    package var header: Duration = .seconds(10)
    /// For a body, besides the time that `bodyBytesPerSecond` gives it: 30 s.
    package var body: Duration = .seconds(30)
    /// The slowest a body may arrive after that: 200 B/s, so that what a slow link has stored up arrives.
    package var bodyBytesPerSecond = 200
    /// For a body in all, however fast it arrives: 300 s.
    package var bodyTotal: Duration = .seconds(300)
    /// Between two requests of a connection: 75 s. Longer than proxies keep an idle connection (nginx and ALB 60 s), so
    /// that none sends a request into a connection which is being closed here.
    package var idle: Duration = .seconds(75)
    /// For the client to take its response, besides the time that `writeBytesPerSecond` gives it: 30 s.
    package var writeStall: Duration = .seconds(30)
    /// The slowest a response may be taken after that: 1 KiB/s.
    package var writeBytesPerSecond: UInt32 = 1_024
    /// For a handler that decides later: 30 s, then 503.
    package var handler: Duration = .seconds(30)
    /// For the client to notice that we have ended our direction, from the last bytes that it sent: 2 s.
    package var linger: Duration = .seconds(2)
    /// The same in all, while it goes on sending: 30 s.
    package var lingerTotal: Duration = .seconds(30)

    /// The defaults named at each.
    package init() {}
}
