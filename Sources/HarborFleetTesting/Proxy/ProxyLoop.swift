internal import Glibc
internal import Synchronization

/// The thread of a `FaultProxy`: poll(2) over all its sockets.
///
/// `@unchecked Sendable`: everything but `inbox`, `counts` and `wakeUp` is touched by `run` only.
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

    /// Connections at once; further ones wait in the listener's queue.
    private static let maximumConnections = 1000

    let counts = Mutex(Counts())
    private let inbox = Mutex<[(Command, Done?)]>([])
    /// A pair of sockets: a byte into the second wakes the loop.
    private let wakeUp: (reads: CInt, writes: CInt)
    private let port: UInt16
    private let target: FaultProxy.Target
    private var listener: CInt
    private var mode = FaultProxy.Mode.pass
    private var connections: [ProxyConnection] = []
    private var isStopped = false

    init(port: UInt16, target: FaultProxy.Target) throws {
        self.port = port
        self.target = target
        var ends: [CInt] = [-1, -1]
        let type =
            CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw SpawnedProcess.Failure(description: "no socket pair: errno \(errno)")
        }
        wakeUp = (ends[0], ends[1])
        do { listener = try ProxySockets.listener(port: port) } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
    }

    /// Has the loop do something; `done` is resumed when it is done.
    func submit(_ command: Command, _ done: Done?) {
        inbox.withLock { $0.append((command, done)) }
        var byte: UInt8 = 1
        // A full socket wakes the loop as well.
        unsafe _ = send(wakeUp.writes, &byte, 1, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
    }

    /// Runs until `stop`.
    func run() {
        while !isStopped { turn() }
        for connection in connections { connection.close(.reset) }
        for descriptor in [listener, wakeUp.reads, wakeUp.writes] where descriptor >= 0 { close(descriptor) }
    }

    private func turn() {
        let now = ContinuousClock.now
        var watched = [
            pollfd(fd: wakeUp.reads, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: connections.count < Self.maximumConnections ? listener : -1, events: Int16(POLLIN),
                revents: 0),
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

    /// poll(2) leaves out a negative descriptor.
    private static func entry(_ descriptor: CInt, _ events: Int16) -> pollfd {
        pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }

    /// In milliseconds, rounded up, so that what is due is due when it wakes.
    private func timeout(after now: ProxyStream.Instant) -> CInt {
        // What is due already waits for a socket, which poll tells.
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
        while connections.count < Self.maximumConnections, listener >= 0,
            let client = ProxySockets.accepted(listener)
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
        var room = [UInt8](repeating: 0, count: 64)
        while unsafe recv(wakeUp.reads, &room, room.count, CInt(MSG_DONTWAIT)) > 0 {}
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
        if !listens, listener >= 0 {
            close(listener)
            listener = -1
        } else if listens, listener < 0 {
            // The port lies outside the range of outgoing connections, so that it is still free.
            listener = (try? ProxySockets.listener(port: port)) ?? -1
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
