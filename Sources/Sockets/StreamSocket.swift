package import EventLoops
internal import Glibc
internal import Processes

/// The result of a read.
package enum ReadResult: Equatable, Sendable {
    /// This many bytes are in the read buffer, at least one.
    case bytes(Int)
    /// There is nothing to read now: wait for readiness.
    case wouldBlock
    /// The peer has ended its direction. Ours may still be open.
    case endOfFile
}

/// A connected, non-blocking TCP socket. It belongs to one loop and is touched on no other.
package final class StreamSocket {
    /// The peer's address, as the kernel gave it.
    package let remoteAddress: SocketAddress
    /// It has no run-time check for exclusive access: only one thread touches it, and accesses cannot overlap,
    /// because each only reads the number or closes the descriptor.
    @safe @exclusivity(unchecked) private var descriptor: FileDescriptor?

    init(_ descriptor: consuming FileDescriptor, remoteAddress: SocketAddress) {
        self.remoteAddress = remoteAddress
        self.descriptor = consume descriptor
    }

    /// The descriptor's number, while the socket is open; -1 afterwards.
    package var fileDescriptor: CInt {
        descriptor?.rawValue ?? -1
    }

    package var isOpen: Bool { fileDescriptor >= 0 }

    /// Reads the bytes that have arrived, up to the buffer's capacity.
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

    /// Sends as many bytes as the kernel accepts, and returns their number. 0 means that the caller must wait until
    /// the socket is writable.
    /// - Throws: `SocketError.connectionLost` when the peer is gone.
    package func write(_ bytes: Span<UInt8>) throws(SocketError) -> Int {
        guard !bytes.isEmpty else { return 0 }
        return try unsafe bytes.withUnsafeBytes { (bytes) throws(SocketError) in
            try Self.sent("send") {
                unsafe send(fileDescriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
        }
    }

    /// Sends two pieces with one system call, and returns how many bytes of both the kernel has
    /// accepted; see `write(_:)`.
    package func write(_ bytes: Span<UInt8>, followedBy tail: Span<UInt8>) throws(SocketError) -> Int {
        try unsafe bytes.withUnsafeBytes { (first) throws(SocketError) in
            try unsafe tail.withUnsafeBytes { (second) throws(SocketError) in
                try Self.sent("sendmsg") { unsafe gather(first, second) }
            }
        }
    }

    /// Calls sendmsg(2). The kernel only reads both pieces, and only during the call, while their spans are alive.
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

    /// Performs a sending call and returns the number of bytes sent; 0 when it would block.
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

    /// Ends our direction. The peer reads an end of file after all sent bytes.
    package func shutdownWrite() {
        guard isOpen else { return }
        _ = shutdown(fileDescriptor, CInt(SHUT_WR))
    }

    /// Makes a later `close` discard unsent output and reset the connection (socket(7), SO_LINGER).
    package func resetAtClose() {
        guard isOpen else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        // The kernel reads the option from this stack frame, only during the call. If the call fails, the close is a
        // normal one.
        _ = unsafe setsockopt(
            fileDescriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes the socket. Its watch must be cancelled before. Does nothing when the socket is closed.
    package func close() {
        descriptor = nil
    }
}
