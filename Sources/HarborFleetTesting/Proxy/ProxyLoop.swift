internal import CLinux
internal import FleetSimulator
internal import Glibc
internal import Processes
internal import Synchronization

/// The thread of a `FaultProxy`: poll(2) over all its sockets.
///
/// `@unchecked Sendable`: only `run` uses anything but `inbox`, `counts` and `wakeUp`.
final class ProxyLoop: @unchecked Sendable {
    enum Command {
        case mode(FaultProxy.Mode)
        case cut(FaultProxy.Cut)
        case stop
    }
    typealias Done = CheckedContinuation<Void, Never>

    struct Counts {
        var open = 0
        var accepted = 0
        var truncated = 0
    }

    /// The most connections at once; further ones wait in the listener's queue.
    private static let maximumConnections = 1000

    let counts = Mutex(Counts())
    private let inbox = Mutex<[(Command, Done?)]>([])
    /// An eventfd(2): a number written to it wakes the loop.
    private let wakeUp = FileDescriptor(owning: eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)))
    private let port: UInt16
    private let target: ResolvedAddress
    /// nil while the proxy refuses connections.
    private var listener: FileDescriptor?
    private var mode = FaultProxy.Mode.pass
    private var connections: [ProxyConnection] = []
    private var isStopped = false

    init(port: UInt16, target: FaultProxy.Target) throws {
        self.port = port
        self.target = try target.address
        listener = try LoopbackListener.listen(on: port, blocks: false)
    }

    /// Makes the loop run a closure; resumes `done` afterwards.
    func submit(_ command: Command, _ done: Done?) {
        inbox.withLock { $0.append((command, done)) }
        _ = eventfd_write(wakeUp.rawValue, 1)
    }

    /// Runs until `stop`.
    func run() {
        while !isStopped { turn() }
        for connection in connections { connection.close(.reset) }
        listener = nil
    }

    private func turn() {
        let now = ContinuousClock.now
        var watched = [
            pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: connections.count < Self.maximumConnections ? listener?.rawValue ?? -1 : -1,
                events: Int16(POLLIN), revents: 0),
        ]
        for connection in connections {
            let interest = connection.interest(at: now)
            watched.append(Self.entry(connection.client, interest.client))
            watched.append(Self.entry(connection.server, interest.server))
        }
        unsafe _ = poll(&watched, nfds_t(watched.count), timeout(after: now))
        proceed(watched)
        if watched[1].revents != 0 { accept() }
        if watched[0].revents != 0 { obey() }
        bury()
    }

    /// poll(2) skips a negative descriptor.
    private static func entry(_ descriptor: CInt, _ events: Int16) -> pollfd {
        pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }

    /// In milliseconds, rounded up, so that the loop does not wake before something is due.
    private func timeout(after now: ProxyStream.Instant) -> CInt {
        // What is already due waits for a socket, which poll reports.
        let next = connections.compactMap(\.nextDue).filter { $0 > now }.min()
        guard let next else { return -1 }
        let left = (next - now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1
        return CInt(clamping: milliseconds)
    }

    private func proceed(_ watched: [pollfd]) {
        let now = ContinuousClock.now
        for (index, connection) in connections.enumerated() {
            connection.proceed(
                clientIsReadable: watched[2 + 2 * index].revents != 0,
                serverIsReadable: watched[3 + 2 * index].revents != 0, at: now)
        }
    }

    private func accept() {
        while connections.count < Self.maximumConnections, let number = listener?.rawValue,
            let client = ProxySockets.accepted(number)
        {
            counts.withLock { $0.accepted += 1 }
            guard let (server, isConnecting) = ProxySockets.connected(to: target) else {
                ProxyConnection(client: client, server: -1, isConnecting: false, mode: mode).close(.reset)
                continue
            }
            connections.append(
                ProxyConnection(client: client, server: server, isConnecting: isConnecting, mode: mode))
        }
    }

    private func obey() {
        _ = try? wakeUp.read(8)
        let commands = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for (command, _) in commands { obey(command) }
        bury()
        for (_, done) in commands { done?.resume() }
    }

    private func obey(_ command: Command) {
        switch command {
        case .stop: isStopped = true
        case .cut(let cut):
            for connection in connections { connection.close(cut) }
            connections = []
        case .mode(let mode):
            self.mode = mode
            for connection in connections { connection.set(mode) }
            listen(mode != .refuse)
        }
    }

    private func listen(_ listens: Bool) {
        if !listens {
            listener = nil
        } else if listener == nil {
            // The port is outside the range of outgoing connections, so it is still free.
            listener = try? LoopbackListener.listen(on: port, blocks: false)
        }
    }

    private func bury() {
        for connection in connections {
            guard let ending = connection.ending else { continue }
            connection.close(ending)
            if connection.wasTruncated { counts.withLock { $0.truncated += 1 } }
        }
        connections.removeAll { $0.ending != nil }
        counts.withLock { $0.open = connections.count }
    }
}
