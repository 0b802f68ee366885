internal import CLinux
package import EventLoops
internal import Glibc
internal import Processes

/// A listening socket on one loop. Each loop has its own on the same address (SO_REUSEPORT), and the kernel
/// spreads the connections.
///
/// A connection that cannot be accepted, because descriptors or memory ran out for example, pauses the listener for
/// `exhaustedPause` instead of spinning on the level-triggered readiness; the kernel queues the clients.
package final class Listener {
    /// How long accepting rests after EMFILE and the like.
    package static let exhaustedPause: Duration = .milliseconds(100)
    /// Connections accepted in one turn, so that a storm of new ones does not starve the established.
    private static let acceptsPerTurn = 64

    /// The address it listens on, with the port that the kernel chose when 0 was asked for.
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
        // Holds the listener until `close`.
        watch = try loop.watch(number, for: .read) { [self] _ in _ = acceptWaiting() }
    }

    /// Stops accepting: out of the epoll set, then closed. Never by `shutdown()`, which would also end the
    /// listening of a process that shares the socket. Harmless when it has stopped.
    package func close() {
        pause?.cancel()
        watch?.cancel()
        watch = nil
        descriptor = nil
    }

    /// Accepts what the kernel has queued, before a `close`, which would reset it.
    package func acceptQueued() {
        // No more than fit a queue: new clients come as fast as they are accepted.
        var turns = Int(BoundSocket.defaultBacklog) / Self.acceptsPerTurn
        while turns > 0, acceptWaiting() { turns -= 1 }
    }

    /// Accepts a turn's worth of connections; says whether more may wait.
    @discardableResult
    private func acceptWaiting() -> Bool {
        for _ in 0..<Self.acceptsPerTurn {
            guard let number = descriptor?.rawValue else { return false }
            switch Self.acceptOne(number) {
            case .connection(let socket): accepted(socket)
            case .gone: continue
            case .none: return false
            case .exhausted(let error):
                rest(after: error)
                return false
            }
        }
        return true
    }

    private func rest(after error: SocketError) {
        watch?.update(.nothing)
        pause?.cancel()
        pause = loop.schedule(after: Self.exhaustedPause) { [self] in watch?.update(.read) }
        exhausted(error)
    }

    private enum Accepted {
        case connection(StreamSocket)
        /// The client left before it was accepted; the next one may be there (accept(2), "Error handling").
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

    /// Whatever is not the fault of one client rests the listener: it would come back at once, for ever.
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
