package import Sockets
package import WebSockets

/// Why a connection was not served.
package enum Refusal: String, Sendable, CaseIterable {
    /// The limit of open connections was reached.
    case connections
    /// The limit of open connections from this address was reached.
    case connectionsPerAddress = "connections_per_address"
    /// Descriptors or memory ran out. If the accept itself failed, accepting pauses for a moment.
    case exhausted
}

/// Receives the events of an endpoint's connections, for logs and metrics. It is called on the loop where they happen
/// and must not block.
package protocol ConnectionObserver: Sendable {
    func connectionOpened()
    func connectionClosed()
    /// - Parameter address: the peer's address; nil when the connection could not be accepted.
    func refused(_ refusal: Refusal, from address: SocketAddress?)
    /// A body was ended before it was complete. Its request gets 408; a WebSocket is closed with 1013.
    func bodyEnded(_ cause: BodyEnd)
    func webSocketOpened(route: String)
    /// - Parameter code: the close code that ended it, the peer's or ours; nil when the connection was
    ///   lost without one.
    func webSocketClosed(route: String, code: CloseCode?, duration: Duration)
}
