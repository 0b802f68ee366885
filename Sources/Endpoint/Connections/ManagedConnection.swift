internal import Sockets

/// A connection in its loop's list.
protocol ManagedConnection: AnyObject {
    /// Where it is in the list, which sets it.
    var place: Int32 { get set }
    /// Whether it counts against the limits, as a refused one does not.
    var isCounted: Bool { get }
    var peerAddress: SocketAddress { get }
    /// Whether its client connects again as soon as it ends.
    var isLongLived: Bool { get }
    /// Ends it as soon as what is under way is done.
    func drain()
    /// Ends it at once.
    func abort()
}
