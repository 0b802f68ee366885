package import EventLoops
package import Logging
internal import Supervision
internal import Synchronization

/// A few connections to one database, shared by many callers. Lost connections are made again, with back-off and
/// jitter, behind a circuit breaker: while the database is unavailable, every caller is refused at once, see
/// `PoolState`.
///
///     let pool = PostgresPool(configuration: configuration, on: loop, logger: logger)
///     // `try await pool.run()` in a child of a supervisor; meanwhile, from anywhere:
///     let rows = try await pool.query("SELECT name FROM fleets WHERE fleet_id = $1", [.text("north")])
///
/// A caller that finds no free connection waits in order, for at most `acquireTimeout`. When `maximumWaiting`
/// callers wait already, it is refused at once (`PostgresError.Kind.poolExhausted`).
///
/// `@unchecked Sendable`: everything below "loop only" is used on `loop` alone; `published` has its own Mutex.
package final class PostgresPool: @unchecked Sendable {
    package let loop: EventLoop
    let configuration: PostgresConfiguration
    let acquireTimeout: Duration
    let logger: Logger
    let outages: OutageLog
    private let published = Mutex(PoolHealth())

    // Loop only.
    var state: PoolState
    private var connections: [PoolState.Slot: PostgresConnection] = [:]
    private var connectedAt: [PoolState.Slot: ContinuousClock.Instant] = [:]
    private var waiters: [PoolState.WaiterID: PoolWaiter] = [:]
    private var lastWaiter: PoolState.WaiterID = 0
    /// Counts the runs, so that a timer of an earlier run can be ignored.
    var run = 0
    private var exhausted = 0
    private var losses = 0
    var renewals = 0
    /// The connection that finds out whether new sessions accept writes.
    var scout: PostgresConnection?
    var scoutTimer: ScheduledTimer?
    var lastRenewal: ContinuousClock.Instant?
    private var lastError: PostgresError?

    /// A connection that was lost sooner than this is not made again at once.
    private static let shortLife: Duration = .seconds(1)

    /// - Parameters:
    ///   - size: the number of connections. Default 4.
    ///   - maximumWaiting: the maximum number of waiting callers. Default 256.
    ///   - acquireTimeout: how long a caller may wait. Default 5 s.
    ///   - outages: logs outages; shared by the pools of one database. Default: one of the pool's own.
    package init(
        configuration: PostgresConfiguration, on loop: EventLoop, size: Int = 4, maximumWaiting: Int = 256,
        acquireTimeout: Duration = .seconds(5), logger: Logger, outages: OutageLog? = nil
    ) {
        self.configuration = configuration
        self.loop = loop
        self.acquireTimeout = acquireTimeout
        self.logger = logger
        self.outages = outages ?? OutageLog(logger: logger)
        state = PoolState(size: size, maximumWaiting: maximumWaiting)
    }

    /// The state of the pool. Takes a lock, but needs no switch to the loop.
    package var health: PoolHealth { published.withLock { $0 } }

    /// Maintains the connections until the task is cancelled, then closes them. May be run again after that.
    /// - Parameter onStarted: called as soon as callers may ask for connections; they then wait until one is made.
    package func run(onStarted: () -> Void = {}) async throws {
        start()
        onStarted()
        await cancellation()
        await stop()
    }

    /// Starts to connect. `run` does this first; tests and tools without a supervisor call it directly.
    package func start() {
        loop.execute { [self] in
            run += 1
            perform(state.started())
        }
    }

    /// Closes all connections. Callers that wait or hold a connection get `PostgresError.Kind.closed`.
    package func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { [self] in
                perform(state.stopped())
                scout?.lose(PostgresError(.closed, "the pool is not running"))
                continuation.resume()
            }
        }
    }

    // MARK: Loop only

    func perform(_ actions: [PoolState.Action]) {
        for action in actions { perform(action) }
        publish()
    }

    private func perform(_ action: PoolState.Action) {
        switch action {
        case .connect(let slot, let isChecked): connect(slot, isChecked)
        case .retryLater(let delay): retryLater(delay)
        case .lease(let slot, let waiter): lease(slot, to: waiter)
        case .refuse(let waiter): refuse(waiter, "too many callers are waiting for a connection")
        case .expire(let waiter): expire(waiter)
        case .failUnavailable(let waiter): fail(waiter, unreachable)
        case .close(let slot): close(slot)
        case .failClosed(let waiter): fail(waiter, PostgresError(.closed, "the pool is not running"))
        case .scoutLater(let delay): scoutLater(delay)
        case .scout: sendScout()
        }
    }

    private func connect(_ slot: PoolState.Slot, _ isChecked: Bool) {
        let connection = PostgresConnection(configuration, on: loop, logger: logger)
        connections[slot] = connection
        connection.establish(check: isChecked ? .statement : .reports) {
            [weak self, weak connection] failure in
            guard let self, let connection, connections[slot] === connection else { return }
            if let failure { return lost(slot, failure) }
            lastError = nil
            connectedAt[slot] = .now
            if state.isOpen { note { $0.recoveredAt = .now } }
            connection.onLoss = { [weak self] error in self?.lost(slot, connection, error) }
            perform(state.connected(slot))
            lookForStaleness(of: connection, in: slot)
            tellOfWrites(by: connection)
            outages.recovered(ObjectIdentifier(self), at: .now)
        }
    }

    private func lost(_ slot: PoolState.Slot, _ connection: PostgresConnection?, _ error: PostgresError) {
        guard let connection, connections[slot] === connection else { return }
        lost(slot, error)
    }

    private func lost(_ slot: PoolState.Slot, _ error: PostgresError) {
        let life = connectedAt.removeValue(forKey: slot)?.duration(to: .now)
        connections[slot] = nil
        // This process closed the connection because its caller was cancelled. That says nothing about the
        // database.
        guard error.kind != .cancelled else { return perform(state.lost(slot, jitter: .random(in: 0..<1))) }
        lastError = error
        losses += 1
        let wasShort = life.map { $0 < Self.shortLife } ?? false
        perform(state.lost(slot, wasShort: wasShort, jitter: .random(in: 0..<1)))
        tellOfOutage(error)
    }

    /// A statement that probes the database got no response in time.
    func gotNoAnswer(_ error: PostgresError) {
        lastError = error
        perform(state.gotNoAnswer(jitter: .random(in: 0..<1)))
        tellOfOutage(error)
    }

    private func tellOfOutage(_ error: PostgresError) {
        if state.isOpen {
            outages.troubled(ObjectIdentifier(self), error, at: .now)
        } else {
            outages.lostOne(error, at: .now)
        }
    }

    private func retryLater(_ delay: Duration) {
        let current = run
        loop.schedule(after: delay) { [weak self] in
            guard let self, current == run else { return }
            perform(state.retryDue())
        }
    }

    private func close(_ slot: PoolState.Slot) {
        connectedAt[slot] = nil
        connections.removeValue(forKey: slot)?.lose(PostgresError(.closed, "the connection is closed"))
    }

    private func publish() {
        published.withLock { health in
            health.connected = state.connectedCount
            health.isAvailable = health.connected > 0 && !state.isOpen
            health.leased = state.leasedCount
            health.waiting = state.waiters.count
            health.exhausted = exhausted
            health.lost = losses
            health.openings = state.openings
            health.renewals = renewals
            health.lastError = health.isAvailable ? nil : lastError
        }
    }

    /// Changes the parts of the health that do not come from the connections' state; from any thread.
    func note(_ change: (inout PoolHealth) -> Void) {
        published.withLock { change(&$0) }
    }

    // MARK: Leases

    /// Waits for a free connection and lends it to the caller alone until it is returned.
    /// - Parameter limit: how long to wait, at most `acquireTimeout`.
    func acquire(within limit: Duration? = nil) async throws(PostgresError) -> PoolLease {
        if let limit, limit <= .zero { throw .timeIsOver }
        let waiter = PoolWaiter(limit: min(limit ?? acquireTimeout, acquireTimeout))
        return try await waiter.value(on: loop) { [self] in
            request(waiter)
        } onCancel: { [self] in
            abandon(waiter)
        }
    }

    /// Takes a connection back. The next caller gets it once nothing is in flight on it. A connection that was left
    /// in a transaction is closed.
    func release(_ lease: PoolLease) {
        loop.execute { [self] in
            lease.connection.whenIdle { [weak self] in self?.becameIdle(lease) }
        }
    }

    private func becameIdle(_ lease: PoolLease) {
        guard connections[lease.slot] === lease.connection else { return }
        guard lease.connection.isReusable else {
            return lease.connection.lose(
                PostgresError(.closed, "the connection was returned inside a transaction"))
        }
        lookForStaleness(of: lease.connection, in: lease.slot)
        lease.connection.wasReturned()
        perform(state.returned(lease.slot, jitter: .random(in: 0..<1)))
    }

    private func request(_ waiter: PoolWaiter) {
        guard !waiter.isAbandoned else { return waiter.abandon() }
        lastWaiter &+= 1
        let id = lastWaiter
        waiter.id = id
        waiters[id] = waiter
        perform(state.requested(by: id))
        guard waiters[id] != nil else { return }
        waiter.timer = loop.schedule(after: waiter.limit) { [weak self] in
            guard let self else { return }
            perform(state.expired(id))
        }
    }

    private func abandon(_ waiter: PoolWaiter) {
        waiter.abandon()
        guard let id = waiter.id, state.withdrawn(id) else { return }
        waiters.removeValue(forKey: id)?.timer?.cancel()
        publish()
    }

    private func lease(_ slot: PoolState.Slot, to id: PoolState.WaiterID) {
        guard let connection = connections[slot], let waiter = waiters.removeValue(forKey: id) else { return }
        waiter.timer?.cancel()
        waiter.finish(.success(PoolLease(slot: slot, connection: connection)))
    }

    private func expire(_ id: PoolState.WaiterID) {
        guard state.connectedCount == 0 else { return refuse(id, "no connection came free in time") }
        fail(id, unreachable)
    }

    private var unreachable: PostgresError {
        let detail = lastError?.debugDescription ?? "no attempt to connect has finished yet"
        var error = PostgresError(
            .connection, lastError?.reason ?? "the database has not responded yet", detail: detail)
        error.refusal = lastError?.refusal
        return error
    }

    private func refuse(_ id: PoolState.WaiterID, _ message: String) {
        exhausted += 1
        fail(id, PostgresError(.poolExhausted, message))
    }

    private func fail(_ id: PoolState.WaiterID, _ error: PostgresError) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        waiter.timer?.cancel()
        waiter.finish(.failure(error))
    }
}
