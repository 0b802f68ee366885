internal import Glibc
package import Processes

/// A client's TCP connection, for a queue that may block: every call waits until it can continue or `deadline`
/// is over.
///
///     let socket = try ClientSocket(host: "127.0.0.1", port: 8080, deadline: deadline)
///     try socket.sendAll(request, deadline: deadline)
///     let response = try socket.response(deadline: deadline)
package struct ClientSocket: ~Copyable {
    package typealias Instant = ContinuousClock.Instant

    private let descriptor: FileDescriptor

    /// Connects to the first of the host's addresses that accepts the connection.
    package init(host: String, port: UInt16, deadline: Instant) throws(TransportError) {
        var failure = TransportError.hostNotFound("it has no address")
        for address in try ResolvedAddress.lookUp(host, port: port) {
            do throws(TransportError) {
                let socket = try ClientSocket(family: address.family)
                try socket.connect(to: address, deadline: deadline)
                self = socket
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// Makes a socket that is not connected yet.
    package init(family: CInt) throws(TransportError) {
        // One flag is a C enumeration and two are macros; `socket` expects them combined.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let number = socket(family, type, 0)
        guard number >= 0 else { throw .failed(.connecting, SystemError(errno)) }
        self.init(FileDescriptor(owning: number))
    }

    /// Takes ownership of a socket that does not block.
    package init(_ descriptor: consuming FileDescriptor) {
        var yes: CInt = 1
        // The kernel copies the option before the call returns. The result is ignored: only TCP has the option,
        // and only TCP needs it.
        unsafe _ = setsockopt(
            descriptor.rawValue, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        self.descriptor = descriptor
    }

    /// For socket options and calls that only some clients use.
    package var number: CInt { descriptor.rawValue }

    package borrowing func connect(
        to address: ResolvedAddress, deadline: Instant
    ) throws(TransportError) {
        let result = unsafe address.withSockaddr { unsafe Glibc.connect(number, $0, $1) }
        if result == 0 { return }
        let code = errno
        // When interrupted, connecting continues in the background as with EINPROGRESS.
        guard code == EINPROGRESS || code == EINTR else { throw .failed(.connecting, SystemError(code)) }
        try wait(for: POLLOUT, .connecting, deadline)
        try checkConnected()
    }

    private borrowing func checkConnected() throws(TransportError) {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        // The kernel writes one CInt into this frame's variable.
        if unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) != 0 { code = errno }
        guard code == 0 else { throw .failed(.connecting, SystemError(code)) }
    }

    /// Whether the peer has closed, or sent something unasked, while the connection was idle.
    package var isStale: Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        // One entry, which lives on this frame.
        return unsafe poll(&entry, 1, 0) != 0
    }

    /// Sends all of `bytes`.
    package borrowing func sendAll(_ bytes: [UInt8], deadline: Instant) throws(TransportError) {
        var sent = 0
        while sent < bytes.count {
            // The kernel reads at most the rest of `bytes`, which outlives the call.
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe send(number, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 { sent += count } else { try recover(from: errno, POLLOUT, .sending, deadline) }
        }
    }

    /// Waits for the next bytes.
    /// - Returns: at most `limit` of them; empty at the end of the stream.
    package borrowing func receive(limit: Int, deadline: Instant) throws(TransportError) -> [UInt8] {
        while true {
            do throws(SystemError) {
                return try descriptor.read(limit)
            } catch {
                try recover(from: error.number, POLLIN, .receiving, deadline)
            }
        }
    }

    /// Waits for the whole response to what was sent.
    package borrowing func response(deadline: Instant) throws(TransportError) -> ClientResponse {
        var reader = ResponseReader()
        while true {
            let bytes = try receive(limit: 16_384, deadline: deadline)
            if bytes.isEmpty { return try reader.ended() }
            if let response = try reader.received(bytes) { return response }
        }
    }

    /// Classifies the errno of a transfer: retry at once, retry when ready, or the connection is lost.
    private borrowing func recover(
        from code: CInt, _ event: CInt, _ step: TransportError.Step, _ deadline: Instant
    ) throws(TransportError) {
        switch code {
        case EINTR: return
        case EAGAIN: try wait(for: event, step, deadline)
        default: throw .failed(step, SystemError(code))
        }
    }

    private borrowing func wait(
        for event: CInt, _ step: TransportError.Step, _ deadline: Instant
    ) throws(TransportError) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard left > 0 else { throw .timedOut(step) }
            var entry = pollfd(fd: number, events: Int16(event), revents: 0)
            // One entry, which lives on this frame. Waiting a minute at a time keeps the number in range.
            let count = unsafe poll(&entry, 1, CInt(min(left.rounded(.up), 60_000)))
            if count > 0 { return }
            let code = count < 0 ? errno : EINTR
            guard code == EINTR else { throw .failed(step, SystemError(code)) }
        }
    }
}
