internal import EventLoops

/// Holds the open connections of one loop and what they share, and ends them in a drain. Touched on its loop only.
final class LoopConnections {
    /// The time between two batches of long-lived connections that a drain ends.
    private static let batchInterval = Duration.milliseconds(50)

    let loop: EventLoop
    let observer: any ConnectionObserver
    /// Shared by all loops of the endpoint.
    let bodies: BodyBudget
    let buffers = LoopBuffers()
    private let limiter: ConnectionLimiter
    /// It has no run-time check for exclusive access: only one thread touches it, and the closures that it calls do not
    /// touch it.
    @safe @exclusivity(unchecked) private var list = PlacedList<any ManagedConnection>(
        get: { $0.place }, set: { $0.place = $1 })
    /// Called when no connection is left. The list is not empty during a drain.
    private var whenEmptied: [@Sendable () -> Void] = []
    /// The timers that close the remaining connections by force. They are cancelled after the drain, or they would
    /// close later connections.
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

    /// A connection continues with another protocol, as another object.
    func replace(_ connection: any ManagedConnection, by other: any ManagedConnection) {
        _ = list.remove(connection)
        list.insert(other)
    }

    // MARK: Drain

    /// Whether a drain is in progress, so that a new WebSocket must close at once.
    var isDraining: Bool { !whenEmptied.isEmpty }

    /// Ends every connection: HTTP connections after the requests in progress, WebSockets in batches spread over
    /// `spread`, and all that are left after `time` by force. Calls `done` when none is left. It may be called again.
    func drain(within time: Duration, spread: Duration, done: @escaping @Sendable () -> Void) {
        whenEmptied.append(done)
        guard !list.isEmpty else { return emptied() }
        let all = list.elements
        // Arm the timer before the first connection ends: that one may be the last, and the last one cancels the timer.
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

    /// Ends the connections in batches. If all ended at once, all their clients would reconnect to the next
    /// server at once.
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
