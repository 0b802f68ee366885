#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A TCP connection of a client, for a queue that may block: every call waits until it can go on or `deadline`
/// has come. Owns its descriptor and closes it once.
package struct ClientSocket: ~Copyable {
    private let descriptor: CInt

    /// Connects to the first of the host's addresses that answers.
    package init(host: String, port: UInt16, deadline: ContinuousClock.Instant) throws(TransportError) {
        var failure = TransportError("the host has no address")
        for (family, address) in try AddressLookup(host: host, port: port).addresses {
            do throws(TransportError) {
                self = try ClientSocket(family: family, address: address, deadline: deadline)
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private init(family: CInt, address: [UInt8], deadline: ContinuousClock.Instant) throws(TransportError) {
        // A flag of a C enumeration and one of a macro, joined as `socket` wants them.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, type, CInt(IPPROTO_TCP))
        guard descriptor >= 0 else { throw Self.failure("no socket", errno) }
        var yes: CInt = 1
        // The kernel copies the option before the call returns.
        unsafe setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        try establish(to: address, deadline: deadline)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    private borrowing func establish(
        to address: [UInt8], deadline: ContinuousClock.Instant
    ) throws(TransportError) {
        // `address` holds a whole sockaddr of its family, as getaddrinfo made it, for the time of the call.
        let result = unsafe address.withUnsafeBytes { bytes in
            unsafe connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        if result == 0 { return }
        let code = errno
        // Interrupted, connecting goes on in the background just as with EINPROGRESS.
        guard code == EINPROGRESS || code == EINTR else { throw Self.failure("not connected", code) }
        try wait(for: POLLOUT, deadline: deadline, what: "connecting")
        try checkConnected()
    }

    private borrowing func checkConnected() throws(TransportError) {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        // The kernel writes one CInt into this frame's variable.
        let result = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard result == 0, code == 0 else { throw Self.failure("not connected", result == 0 ? code : errno) }
    }

    /// Whether the peer has closed, or said something unasked, while the connection was idle.
    var isStale: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // One entry, which lives on this frame.
        return unsafe poll(&entry, 1, 0) != 0
    }

    /// Sends all of `bytes`.
    package borrowing func sendAll(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(TransportError)
    {
        var sent = 0
        while sent < bytes.count {
            // The kernel reads at most the rest of `bytes`, which outlives the call.
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[sent...])
                return unsafe send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else {
                try recover(from: errno, by: POLLOUT, deadline: deadline, what: "sending")
            }
        }
    }

    /// Waits for the next bytes.
    /// - Returns: at most `limit` of them; empty at the end of the stream.
    borrowing func receive(
        limit: Int, deadline: ContinuousClock.Instant
    ) throws(TransportError) -> [UInt8] {
        while true {
            var count = 0
            var code: CInt = 0
            // The kernel writes at most `limit` bytes into the array's own room.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
                count = unsafe recv(descriptor, buffer.baseAddress, limit, 0)
                code = count < 0 ? errno : 0
                initialized = max(count, 0)
            }
            if count >= 0 { return bytes }
            try recover(from: code, by: POLLIN, deadline: deadline, what: "waiting for the answer")
        }
    }

    /// Classifies the errno of a transfer: again at once, again when ready, or the connection is gone.
    private borrowing func recover(
        from code: CInt, by event: CInt, deadline: ContinuousClock.Instant, what: String
    ) throws(TransportError) {
        switch code {
        case EINTR: return
        case EAGAIN: try wait(for: event, deadline: deadline, what: what)
        default: throw Self.failure("the connection was lost while \(what)", code)
        }
    }

    private borrowing func wait(
        for event: CInt, deadline: ContinuousClock.Instant, what: String
    ) throws(TransportError) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard left > 0 else { throw TransportError("timed out \(what)") }
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            // One entry, which lives on this frame. A minute at a time keeps the number in range.
            let count = unsafe poll(&entry, 1, CInt(min(left.rounded(.up), 60_000)))
            if count > 0 { return }
            let code = count < 0 ? errno : EINTR
            guard code == EINTR else { throw Self.failure("the connection cannot be watched", code) }
        }
    }

    private static func failure(_ what: String, _ code: CInt) -> TransportError {
        // The text of a known errno is a constant of the C library.
        TransportError("\(what): \(unsafe String(cString: strerror(code)))")
    }
}
