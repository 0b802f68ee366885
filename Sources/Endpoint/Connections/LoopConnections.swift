internal import EventLoops

/// The open connections of one loop, what they share, and their end. Touched on its loop only.
final class LoopConnections {
    /// Between two batches of long-lived connections that a drain ends.
    private static let batchInterval = Duration.milliseconds(50)

    let loop: EventLoop
    let observer: any ConnectionObserver
    /// Shared by all loops of the endpoint.
    let bodies: BodyBudget
    let buffers = LoopBuffers()
    private let limiter: ConnectionLimiter
    /// Not checked for exclusive access while running: one thread touches it, and nothing that it calls calls back.
    @safe @exclusivity(unchecked) private var list = PlacedList<any ManagedConnection>(
        get: { $0.place }, set: { $0.place = $1 })
    /// Called when no connection is left; not empty during a drain.
    private var whenEmptied: [@Sendable () -> Void] = []
    /// When a drain closes the rest by force. Left armed, they would close connections that came after the drain.
    private var deadlines: [ScheduledTimer] = []

    init(
        on loop: EventLoop, observer: any ConnectionObserver, bodies: BodyBudget, limiter: ConnectionLimiter
    ) {
        self.loop = loop
        self.observer = observer
        self.bodies = bodies
        self.limiter = limiter
    }

    func insert(_ connection: any ManagedConnection) {
        list.insert(connection)
        if connection.isCounted { observer.connectionOpened() }
    }

    func remove(_ connection: any ManagedConnection) {
        guard list.remove(connection) else { return }
        if connection.isCounted {
            limiter.release(connection.peerAddress)
            observer.connectionClosed()
        } else {
            limiter.releaseRefused()
        }
        if isDraining, list.isEmpty { emptied() }
    }

    /// A connection goes on with another protocol.
    func replace(_ connection: any ManagedConnection, by other: any ManagedConnection) {
        _ = list.remove(connection)
        list.insert(other)
    }

    // MARK: Drain

    /// Whether what begins now has to end soon.
    var isDraining: Bool { !whenEmptied.isEmpty }

    /// Ends every connection: HTTP after what is under way, WebSockets in batches spread over `spread`, what is left
    /// when `time` is over by force. Calls `done` when none is left; may be called again.
    func drain(within time: Duration, spread: Duration, done: @escaping @Sendable () -> Void) {
        whenEmptied.append(done)
        guard !list.isEmpty else { return emptied() }
        let all = list.elements
        // Before the first connection ends: the last one to end cancels it, and it may be the last already.
        deadlines.append(
            loop.schedule(after: time) { [self] in
                for connection in list.elements { connection.abort() }
            })
        for connection in all where !connection.isLongLived { connection.drain() }
        drainInBatches(all.filter(\.isLongLived), over: spread)
    }

    private func emptied() {
        let done = whenEmptied
        whenEmptied = []
        for timer in deadlines { timer.cancel() }
        deadlines = []
        for action in done { action() }
    }

    /// Ended all at once, their clients would connect to the next server all at once.
    private func drainInBatches(_ connections: [any ManagedConnection], over spread: Duration) {
        let batches = max(Int(spread / Self.batchInterval), 1)
        let size = max((connections.count + batches - 1) / batches, 1)
        for (index, start) in stride(from: 0, to: connections.count, by: size).enumerated() {
            let batch = connections[start..<min(start + size, connections.count)]
            guard index > 0 else {
                for connection in batch { connection.drain() }
                continue
            }
            loop.schedule(after: Self.batchInterval * index) {
                for connection in batch { connection.drain() }
            }
        }
    }
}
