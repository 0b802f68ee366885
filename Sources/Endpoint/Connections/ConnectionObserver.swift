package import Sockets
package import WebSockets

/// Why a connection was not served.
package enum Refusal: String, Sendable, CaseIterable {
    /// As many connections as allowed are open.
    case connections
    /// As many connections as allowed are open from this address.
    case connectionsPerAddress = "connections_per_address"
    /// Descriptors or memory ran out: accepting pauses a moment.
    case exhausted
}

/// Told what becomes of an endpoint's connections, for logs and metrics. Called on the loop where it happens: it must
/// not block.
package protocol ConnectionObserver: Sendable {
    func connectionOpened()
    func connectionClosed()
    /// - Parameter address: the peer's; nil when it could not be accepted.
    func refused(_ refusal: Refusal, from address: SocketAddress?)
    /// A body was ended before it was complete; the response to its request is 408.
    func bodyEnded(_ cause: BodyEnd)
    func webSocketOpened(route: String)
    /// - Parameter code: the code that ended it: the peer's, or ours; nil when the connection was lost.
    func webSocketClosed(route: String, code: CloseCode?, duration: Duration)
}
