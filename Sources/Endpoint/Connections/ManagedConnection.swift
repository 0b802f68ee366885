internal import Sockets

/// A connection in its loop's list.
protocol ManagedConnection: AnyObject {
    /// Its place in the list. Only the list may set it.
    var place: Int32 { get set }
    /// Whether it counts against the connection limits. A refused connection does not.
    var isCounted: Bool { get }
    var peerAddress: SocketAddress { get }
    /// Whether its client reconnects as soon as it ends. A drain spreads the end of such connections over time.
    var isLongLived: Bool { get }
    /// Ends it as soon as its requests in progress are done.
    func drain()
    /// Ends it at once.
    func abort()
}
