internal import Glibc
internal import Processes

/// A socket that listens but accepts nothing yet. It may be made on any thread and is then given to a `Listener`.
package struct BoundSocket: ~Copyable, Sendable {
    /// The address with the port that the kernel chose when 0 was asked for.
    package let address: SocketAddress
    private let descriptor: FileDescriptor

    /// Connections that the kernel queues for us at most, unless told otherwise.
    package static let defaultBacklog: CInt = 4_096

    /// What the kernel keeps of one connection's output beyond what it may send at once: 128 KiB.
    private static let unsentBytes: CInt = 131_072

    /// Binds and listens.
    /// - Parameters:
    ///   - sharesPort: sets SO_REUSEPORT, so that several sockets of ours may listen on one address. The first
    ///     of them is tried without it by `reservePort`, so that two servers never share a port by accident.
    ///   - backlog: how many connections the kernel queues; it caps it at `net.core.somaxconn`.
    /// - Throws: `SocketError.address` when the address is taken, not ours, or not allowed.
    package init(
        _ address: SocketAddress, sharesPort: Bool = true, backlog: CInt = BoundSocket.defaultBacklog
    ) throws(SocketError) {
        let descriptor = try Self.bound(address, sharesPort: sharesPort)
        let number = descriptor.rawValue
        // Connections inherit it (tcp(7) of Linux), which saves a call for each. A response goes out in one send, so
        // waiting for more to join it (Nagle) would only add latency.
        try Self.setOption(TCP_NODELAY, of: CInt(IPPROTO_TCP), on: number)
        // Likewise: the kernel keeps no more than this of what it may not send yet, so that a slow reader costs little
        // there too, and its progress is seen in steps of this size instead of megabytes.
        try Self.setOption(TCP_NOTSENT_LOWAT, of: CInt(IPPROTO_TCP), to: Self.unsentBytes, on: number)
        guard listen(number, backlog) == 0 else {
            throw .address(call: "listen", address: "\(address)", errno: errno)
        }
        self.address = try Self.localAddress(number)
        self.descriptor = consume descriptor
    }

    /// A socket with an address, that does not listen yet.
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

    /// Fails when somebody else listens on the address already, which SO_REUSEPORT alone would not tell for a
    /// process of the same user.
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
