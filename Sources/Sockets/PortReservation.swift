internal import Glibc
internal import Processes
internal import Synchronization

/// Keeps an address for a server that listens on it later: a port that is taken is found before anything else is done,
/// and no other process takes it meanwhile. Connections are refused until the server listens, so clients and proxies go
/// elsewhere at once.
///
/// The socket is bound and does not listen: another one that wants to listen on the address without SO_REUSEPORT is
/// refused by the kernel, `BoundSocket.checkFree` of a second server of ours too.
package final class PortReservation: Sendable {
    /// With the port that the kernel chose when 0 was asked for.
    package let address: SocketAddress
    private let descriptor: Mutex<FileDescriptor?>

    /// - Throws: `SocketError.address` when the address is taken, not ours, or not allowed.
    package init(_ address: SocketAddress) throws(SocketError) {
        try BoundSocket.checkFree(address)
        let descriptor = try BoundSocket.bound(address, sharesPort: true)
        // It was for binding beside connections that have just ended. From here on it would let in others: two sockets
        // that have it exclude each other only once one of them listens (socket(7)).
        try BoundSocket.setOption(SO_REUSEADDR, to: 0, on: descriptor.rawValue)
        self.address = try BoundSocket.localAddress(descriptor.rawValue)
        self.descriptor = Mutex(consume descriptor)
    }

    /// Ends it, once the server listens. Harmless when called again.
    package func release() {
        descriptor.withLock { $0 = nil }
    }
}
