internal import CLinux
package import EventLoops
internal import Glibc
internal import Processes

/// Accepts connections on one loop. Each loop has its own listening socket on the same address (SO_REUSEPORT), and the
/// kernel spreads the connections over them.
///
/// When a connection cannot be accepted, such as when descriptors or memory have run out, the listener pauses
/// for `exhaustedPause`. Otherwise the level-triggered readiness would make the loop spin. The kernel queues
/// the clients meanwhile.
package final class Listener {
    /// How long accepting pauses after EMFILE and similar errors.
    package static let exhaustedPause: Duration = .milliseconds(100)
    /// The most connections accepted in one turn, so that many new connections do not starve the established ones.
    private static let acceptsPerTurn = 64

    /// The address that it listens on. If port 0 was requested, it has the port that the kernel chose.
    package let address: SocketAddress
    private let loop: EventLoop
    private var descriptor: FileDescriptor?
    private var watch: Watch?
    private var pause: ScheduledTimer?
    private let accepted: (StreamSocket) -> Void
    private let exhausted: (SocketError) -> Void

    /// Takes over a bound and listening socket and starts to accept. Call it on `loop`.
    /// - Parameters:
    ///   - accepted: called for each connection.
    ///   - exhausted: called each time accepting pauses.
    package init(
        _ socket: consuming BoundSocket, on loop: EventLoop, accepted: @escaping (StreamSocket) -> Void,
        exhausted: @escaping (SocketError) -> Void
    ) throws(EventLoopError) {
        address = socket.address
        self.loop = loop
        self.accepted = accepted
        self.exhausted = exhausted
        let descriptor = socket.takeDescriptor()
        let number = descriptor.rawValue
        self.descriptor = consume descriptor
        // The watch keeps the listener alive until `close`.
        watch = try loop.watch(number, for: .read) { [self] _ in _ = acceptWaiting() }
    }

    /// Stops accepting: removes the socket from the epoll set, then closes it. It must not use `shutdown()`, which
    /// would also stop another process that shares the socket. Does nothing when it has stopped already.
    package func close() {
        pause?.cancel()
        watch?.cancel()
        watch = nil
        descriptor = nil
    }

    /// Accepts the connections that the kernel has queued. Call it before `close`, which would reset them.
    package func acceptQueued() {
        // At most one full queue: new clients may arrive as fast as they are accepted, so the loop might not end.
        var turns = Int(BoundSocket.defaultBacklog) / Self.acceptsPerTurn
        while turns > 0, acceptWaiting() { turns -= 1 }
    }

    /// Accepts at most `acceptsPerTurn` connections.
    /// - Returns: whether more may be queued.
    @discardableResult
    private func acceptWaiting() -> Bool {
        for _ in 0..<Self.acceptsPerTurn {
            guard let number = descriptor?.rawValue else { return false }
            switch Self.acceptOne(number) {
            case .connection(let socket): accepted(socket)
            case .gone: continue
            case .none: return false
            case .exhausted(let error):
                pauseAccepting(after: error)
                return false
            }
        }
        return true
    }

    private func pauseAccepting(after error: SocketError) {
        watch?.update(.nothing)
        pause?.cancel()
        pause = loop.schedule(after: Self.exhaustedPause) { [self] in watch?.update(.read) }
        exhausted(error)
    }

    private enum Accepted {
        case connection(StreamSocket)
        /// The client left before it was accepted. The next one may be queued (accept(2), "Error handling").
        case gone
        case none
        case exhausted(SocketError)
    }

    private static func acceptOne(_ listener: CInt) -> Accepted {
        var storage = sockaddr_storage()
        let number = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
                return unsafe accept4(listener, address, &length, flags)
            }
        }
        guard number >= 0 else { return failed(errno) }
        let descriptor = FileDescriptor(owning: number)
        guard let remote = SocketAddress(storage) else { return .gone }
        return .connection(StreamSocket(descriptor, remoteAddress: remote))
    }

    /// Classifies an error of accept4. Errors of one client only skip that client. Any other error pauses the listener,
    /// because the next call would fail in the same way at once.
    private static func failed(_ code: CInt) -> Accepted {
        switch code {
        case EAGAIN: .none
        case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN,
            EHOSTUNREACH, ENONET:
            .gone
        default: .exhausted(SocketError.classify("accept4", code))
        }
    }
}
