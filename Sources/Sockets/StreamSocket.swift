package import EventLoops
internal import Glibc
internal import Processes

/// What a read brought.
package enum ReadResult: Equatable, Sendable {
    /// So many bytes stand in the read buffer, at least one.
    case bytes(Int)
    /// Nothing now: wait for readiness.
    case wouldBlock
    /// The peer has ended its direction; ours may still be open.
    case endOfFile
}

/// A connected, non-blocking TCP socket. It belongs to one loop and is touched on no other.
package final class StreamSocket {
    /// The peer's address as the kernel gave it.
    package let remoteAddress: SocketAddress
    /// Not checked for exclusive access while running: one thread touches it, and no access overlaps another, because each
    /// only takes the number out of it or ends it.
    @safe @exclusivity(unchecked) private var descriptor: FileDescriptor?

    init(_ descriptor: consuming FileDescriptor, remoteAddress: SocketAddress) {
        self.remoteAddress = remoteAddress
        self.descriptor = consume descriptor
    }

    /// The number to watch while the socket is open; -1 afterwards.
    package var fileDescriptor: CInt {
        descriptor?.rawValue ?? -1
    }

    package var isOpen: Bool { fileDescriptor >= 0 }

    /// Reads what is there, up to the buffer's capacity.
    /// - Throws: `SocketError.connectionLost` when the peer has reset the connection.
    package func read(into buffer: ReadBuffer) throws(SocketError) -> ReadResult {
        while true {
            let count = unsafe buffer.withUnsafeRoom {
                unsafe recv(fileDescriptor, $0.baseAddress, $0.count, 0)
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .endOfFile }
            let code = errno
            if code == EINTR { continue }
            if code == EAGAIN { return .wouldBlock }
            throw SocketError.classify("recv", code)
        }
    }

    /// Sends as much as the kernel takes and returns how much; 0 means: wait until it is writable.
    /// - Throws: `SocketError.connectionLost` when the peer has gone.
    package func write(_ bytes: Span<UInt8>) throws(SocketError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        return try unsafe bytes.withUnsafeBytes { (bytes) throws(SocketError) in
            try Self.sent("send") {
                unsafe send(fileDescriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
        }
    }

    /// Sends two pieces as one, as much as the kernel takes, and returns how much of both; see `write(_:)`.
    package func write(_ bytes: Span<UInt8>, followedBy tail: Span<UInt8>) throws(SocketError) -> Int {
        try unsafe bytes.withUnsafeBytes { (first) throws(SocketError) in
            try unsafe tail.withUnsafeBytes { (second) throws(SocketError) in
                try Self.sent("sendmsg") { unsafe gather(first, second) }
            }
        }
    }

    /// The kernel only reads from both, and only during the call, while their spans are alive.
    private func gather(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        var pieces: [2 of iovec] = unsafe [
            iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count),
        ]
        return unsafe withUnsafeMutableBytes(of: &pieces) { room in
            var message = unsafe msghdr()
            unsafe message.msg_iov = room.baseAddress?.assumingMemoryBound(to: iovec.self)
            unsafe message.msg_iovlen = 2
            return unsafe sendmsg(fileDescriptor, &message, CInt(MSG_NOSIGNAL))
        }
    }

    /// What a call that sends has taken; 0 when it would block.
    private static func sent(_ name: String, _ call: () -> Int) throws(SocketError) -> Int {
        while true {
            let count = call()
            if count >= 0 { return count }
            let code = errno
            if code == EINTR { continue }
            if code == EAGAIN { return 0 }
            throw SocketError.classify(name, code)
        }
    }

    /// Ends our direction; the peer reads an end of file after what was sent.
    package func shutdownWrite() {
        guard isOpen else { return }
        _ = shutdown(fileDescriptor, CInt(SHUT_WR))
    }

    /// Makes `close` throw away what is unsent and reset the connection (socket(7), SO_LINGER).
    package func resetAtClose() {
        guard isOpen else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        // The kernel reads the option from this stack frame during the call; without it, the close is a usual one.
        _ = unsafe setsockopt(
            fileDescriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes the socket. Cancel its watch first. Harmless when it is closed.
    package func close() {
        descriptor = nil
    }
}
