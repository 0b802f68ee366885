package import EventLoops
package import Logging
internal import Synchronization

/// A few connections to one database, shared by many callers. Lost ones are made again, with back-off and jitter.
///
///     let pool = PostgresPool(configuration: configuration, on: loop, logger: logger)
///     // `try await pool.run()` in a child of a supervisor; meanwhile, from anywhere:
///     let rows = try await pool.query("SELECT name FROM fleets WHERE fleet_id = $1", [.text("north")])
///
/// Who finds no connection free waits, in order, for `acquireTimeout`; when `maximumWaiting` wait already it is
/// refused at once (`PostgresError.Kind.poolExhausted`).
///
/// `@unchecked Sendable`: everything below "loop only" is touched on `loop` alone; `health` has its Mutex.
package final class PostgresPool: @unchecked Sendable {
    package let loop: EventLoop
    let configuration: PostgresConfiguration
    private let acquireTimeout: Duration
    private let logger: Logger
    private let published = Mutex(PoolHealth())

    // Loop only.
    private var state: PoolState
    private var connections: [PoolState.Slot: PostgresConnection] = [:]
    private var waiters: [PoolState.WaiterID: PoolWaiter] = [:]
    private var lastWaiter: PoolState.WaiterID = 0
    /// Counts the runs, so that a timer of an earlier run finds out.
    private var run = 0
    private var exhausted = 0
    private var lastError: PostgresError?

    /// - Parameters:
    ///   - size: connections. Default 4.
    ///   - maximumWaiting: callers that may wait at once. Default 256.
    ///   - acquireTimeout: how long one may wait. Default 5 s.
    package init(
        configuration: PostgresConfiguration, on loop: EventLoop, size: Int = 4, maximumWaiting: Int = 256,
        acquireTimeout: Duration = .seconds(5), logger: Logger
    ) {
        self.configuration = configuration
        self.loop = loop
        self.acquireTimeout = acquireTimeout
        self.logger = logger
        state = PoolState(size: size, maximumWaiting: maximumWaiting)
    }

    /// How the pool is doing; costs a lock, no hop.
    package var health: PoolHealth { published.withLock { $0 } }
    /// Whether at least one connection is there.
    package var isAvailable: Bool { health.isAvailable }

    /// Keeps the connections until the task is cancelled, then closes them. May be run again after that.
    package func run() async throws {
        start()
        await Cancellation.wait()
        await stop()
    }

    /// Starts to connect; what `run` does first, for those without a supervisor.
    package func start() {
        loop.execute { [self] in
            run += 1
            perform(state.started())
        }
    }

    /// Closes all connections; who waits or has one gets `PostgresError.Kind.closed`.
    package func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { [self] in
                perform(state.stopped())
                continuation.resume()
            }
        }
    }

    // MARK: Loop only

    private func perform(_ actions: [PoolState.Action]) {
        for action in actions { perform(action) }
        publish()
    }

    private func perform(_ action: PoolState.Action) {
        switch action {
        case .connect(let slot): connect(slot)
        case .connectLater(let slot, let delay): connectLater(slot, delay)
        case .lease(let slot, let waiter): lease(slot, to: waiter)
        case .refuse(let waiter): refuse(waiter, "too many callers wait for a connection")
        case .expire(let waiter): expire(waiter)
        case .close(let slot): close(slot)
        case .failClosed(let waiter): fail(waiter, PostgresError(.closed, "the pool is not running"))
        }
    }

    private func connect(_ slot: PoolState.Slot) {
        let connection = PostgresConnection(configuration, on: loop, logger: logger)
        connections[slot] = connection
        connection.establish { [weak self, weak connection] failure in
            guard let self, let connection, connections[slot] === connection else { return }
            if let failure { return lost(slot, failure) }
            lastError = nil
            connection.onLoss = { [weak self] error in self?.lost(slot, connection, error) }
            perform(state.connected(slot))
        }
    }

    private func lost(_ slot: PoolState.Slot, _ connection: PostgresConnection?, _ error: PostgresError) {
        guard let connection, connections[slot] === connection else { return }
        lost(slot, error)
    }

    private func lost(_ slot: PoolState.Slot, _ error: PostgresError) {
        connections[slot] = nil
        lastError = error
        logger.warning("database connection lost", metadata: ["error": "\(error.debugDescription)"])
        perform(state.lost(slot, jitter: .random(in: 0..<1)))
    }

    private func connectLater(_ slot: PoolState.Slot, _ delay: Duration) {
        let current = run
        loop.schedule(after: delay) { [weak self] in
            guard let self, current == run else { return }
            perform(state.retryDue(slot))
        }
    }

    private func close(_ slot: PoolState.Slot) {
        connections.removeValue(forKey: slot)?.lose(PostgresError(.closed, "the pool is closed"))
    }

    private func publish() {
        var health = PoolHealth()
        health.connected = state.connectedCount
        health.isAvailable = health.connected > 0
        health.leased = state.leasedCount
        health.waiting = state.waiters.count
        health.exhausted = exhausted
        health.lastError = health.isAvailable ? nil : lastError
        published.withLock { $0 = health }
    }

    // MARK: Leases

    /// A connection that comes free, for the caller alone until it gives it back.
    func acquire() async throws(PostgresError) -> PoolLease {
        let waiter = PoolWaiter()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<PoolWaiter.Outcome, Never>) in
                loop.execute { [self] in
                    waiter.onFinish { continuation.resume(returning: $0) }
                    request(waiter)
                }
            }
        } onCancel: {
            loop.execute { [self] in abandon(waiter) }
        }
        return try outcome.get()
    }

    /// Takes a connection back, for the next caller once nothing is in flight on it; one that is left in a
    /// transaction is closed.
    func release(_ lease: PoolLease) {
        loop.execute { [self] in
            lease.connection.whenIdle { [weak self] in self?.becameIdle(lease) }
        }
    }

    private func becameIdle(_ lease: PoolLease) {
        guard connections[lease.slot] === lease.connection else { return }
        guard lease.connection.isReusable else {
            return lease.connection.lose(PostgresError(.closed, "left in a transaction"))
        }
        perform(state.returned(lease.slot))
    }

    private func request(_ waiter: PoolWaiter) {
        guard !waiter.isAbandoned else { return waiter.abandon() }
        lastWaiter &+= 1
        let id = lastWaiter
        waiter.id = id
        waiters[id] = waiter
        perform(state.requested(by: id))
        guard waiters[id] != nil else { return }
        waiter.timer = loop.schedule(after: acquireTimeout) { [weak self] in
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
        let detail = lastError?.debugDescription ?? "no try has ended yet"
        fail(id, PostgresError(.connection, "the database cannot be reached", detail: detail))
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
