internal import Glibc
internal import Processes

/// A listening socket from which nothing is accepted yet. It may be made on any thread, and is then passed
/// to a `Listener`.
package struct BoundSocket: ~Copyable, Sendable {
    /// The address of the socket. If port 0 was requested, it has the port that the kernel chose.
    package let address: SocketAddress
    private let descriptor: FileDescriptor

    /// The default for the most connections that the kernel queues.
    package static let defaultBacklog: CInt = 4_096

    /// The most output of one connection that the kernel buffers beyond what it can send now: 128 KiB.
    private static let unsentBytes: CInt = 131_072

    /// Binds and listens.
    /// - Parameters:
    ///   - sharesPort: sets SO_REUSEPORT, so that several of our sockets may listen on one address. Call `checkFree`
    ///     before the first of them, so that two servers never share a port by accident.
    ///   - backlog: the most connections that the kernel queues. The kernel reduces it to `net.core.somaxconn`.
    /// - Throws: `SocketError.address` when the address is in use, not one of this host, or not allowed.
    package init(
        _ address: SocketAddress, sharesPort: Bool = true, backlog: CInt = BoundSocket.defaultBacklog
    ) throws(SocketError) {
        let descriptor = try Self.bound(address, sharesPort: sharesPort)
        let number = descriptor.rawValue
        // Accepted connections inherit the option (tcp(7) of Linux), which saves a call for each. A response leaves
        // in one send, so delaying it to join more data (Nagle's algorithm) would only add latency.
        try Self.setOption(TCP_NODELAY, of: CInt(IPPROTO_TCP), on: number)
        // Inherited, too. It limits the output that the kernel buffers, so a slow reader takes little kernel memory,
        // and its progress shows in steps of this size instead of megabytes.
        try Self.setOption(TCP_NOTSENT_LOWAT, of: CInt(IPPROTO_TCP), to: Self.unsentBytes, on: number)
        guard listen(number, backlog) == 0 else {
            throw .address(call: "listen", address: "\(address)", errno: errno)
        }
        self.address = try Self.localAddress(number)
        self.descriptor = consume descriptor
    }

    /// Makes a socket that is bound to an address but does not listen yet.
    static func bound(
        _ address: SocketAddress, sharesPort: Bool
    ) throws(SocketError) -> FileDescriptor {
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(family, type, 0)
        guard number >= 0 else { throw SocketError.classify("socket", errno) }
        let descriptor = FileDescriptor(owning: number)
        try setOption(SO_REUSEADDR, on: number)
        if sharesPort { try setOption(SO_REUSEPORT, on: number) }
        let bound = unsafe address.withSockaddr { unsafe bind(number, $0, $1) }
        guard bound == 0 else { throw .address(call: "bind", address: "\(address)", errno: errno) }
        return descriptor
    }

    /// Throws when another socket listens on the address or reserves it (see `PortReservation`). With SO_REUSEPORT, a
    /// bind would not show that for a process of the same user. Port 0 is always free.
    package static func checkFree(_ address: SocketAddress) throws(SocketError) {
        guard address.port != 0 else { return }
        _ = try BoundSocket(address, sharesPort: false, backlog: 1)
    }

    consuming func takeDescriptor() -> FileDescriptor {
        descriptor
    }

    static func setOption(
        _ option: CInt, of level: CInt = SOL_SOCKET, to value: CInt = 1, on number: CInt
    ) throws(SocketError) {
        var value = value
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard unsafe setsockopt(number, level, option, &value, size) == 0 else {
            throw SocketError.classify("setsockopt", errno)
        }
    }

    static func localAddress(_ number: CInt) throws(SocketError) -> SocketAddress {
        var storage = sockaddr_storage()
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return unsafe getsockname(number, address, &length)
            }
        }
        guard result == 0, let address = SocketAddress(storage) else {
            throw SocketError.classify("getsockname", errno)
        }
        return address
    }
}
