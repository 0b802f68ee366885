internal import Glibc
internal import Processes
internal import Synchronization

/// Reserves an address for a server that will listen on it later. A server that makes it first finds out at once when
/// the port is in use, and no other process can take the port meanwhile. Connections are refused until the server
/// listens, so clients and proxies go elsewhere at once.
///
/// The socket is bound but does not listen. The kernel refuses the address to other sockets without SO_REUSEPORT. That
/// includes `BoundSocket.checkFree` of a second server of ours.
package final class PortReservation: Sendable {
    /// The reserved address. If port 0 was requested, it has the port that the kernel chose.
    package let address: SocketAddress
    private let descriptor: Mutex<FileDescriptor?>

    /// Reserves the address.
    /// - Throws: `SocketError.address` when the address is in use, not one of this host, or not allowed.
    package init(_ address: SocketAddress) throws(SocketError) {
        try BoundSocket.checkFree(address)
        let descriptor = try BoundSocket.bound(address, sharesPort: true)
        // SO_REUSEADDR was needed to bind while connections of an ended server are still in TIME_WAIT. From
        // here on it would admit other sockets: two sockets that have it exclude each other only once one of
        // them listens (socket(7)).
        try BoundSocket.setOption(SO_REUSEADDR, to: 0, on: descriptor.rawValue)
        self.address = try BoundSocket.localAddress(descriptor.rawValue)
        self.descriptor = Mutex(consume descriptor)
    }

    /// Ends the reservation, once the server listens. It may be called again, without effect.
    package func release() {
        descriptor.withLock { $0 = nil }
    }
}
