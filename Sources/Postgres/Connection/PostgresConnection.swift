package import EventLoops
package import Logging

/// One connection to PostgreSQL, with asynchronous libpq on one event loop.
///
///     let connection = try await PostgresConnection.open(configuration, on: loop, logger: logger)
///     let rows = try await connection.query("SELECT $1::bigint + 1", [.int8(41)])
///     await connection.close()
///
/// May be called from any thread. A statement that exceeds its time-out is cancelled at the server and the
/// connection is closed, because a later result could not be assigned to its statement. A statement that continues
/// for too long after its caller was cancelled is treated the same way.
///
/// `@unchecked Sendable`: everything below "loop only" is used on `loop` alone; the rest is immutable.
package final class PostgresConnection: @unchecked Sendable {
    package let loop: EventLoop
    let configuration: PostgresConfiguration
    let logger: Logger

    // Loop only.
    var link: ConnectionHandle?
    var watch: Watch?
    var state = UnitQueueState()
    var units: [UnitQueueState.UnitID: WorkUnit] = [:]
    var isPipelining = false
    /// Why the connection is gone; nil while it is usable.
    var failure: PostgresError?
    /// Called once, when a connection that was open is lost or closed.
    var onLoss: ((PostgresError) -> Void)?
    var opening: ConnectionOpening?
    /// Whether the session was found to accept no writes, when it was made or by a later statement.
    var isReadOnly = false
    /// What the server reported about writes when the connection was made.
    var reportAtOpening: Bool?
    /// Whether the user wants a session that accepts no writes.
    var wantsReadOnly = false
    /// Whether the current user of the connection set `lock_timeout`, so that a lock time-out is intended.
    var hasOwnLockTimeout = false
    /// The staleness of the session that an error of the server suggests.
    private var suspicion: SessionStaleness?
    private var lastID: UnitQueueState.UnitID = 0
    private var idleWaiters: [() -> Void] = []

    init(_ configuration: PostgresConfiguration, on loop: EventLoop, logger: Logger) {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
    }

    /// Connects. The caller must close the connection.
    package static func open(
        _ configuration: PostgresConfiguration, on loop: EventLoop, logger: Logger
    ) async throws(PostgresError) -> PostgresConnection {
        let connection = PostgresConnection(configuration, on: loop, logger: logger)
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<PostgresError?, Never>) in
                loop.execute { connection.establish { continuation.resume(returning: $0) } }
            }
        } onCancel: {
            loop.execute { connection.lose(PostgresError(.cancelled, "the caller was cancelled")) }
        }
        if let failure { throw failure }
        return connection
    }

    /// Closes the connection. Calls in flight fail.
    package func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { [self] in
                lose(PostgresError(.closed, "the connection is closed"))
                continuation.resume()
            }
        }
    }

    // MARK: Loop only

    func submit(_ unit: WorkUnit) {
        if unit.isAbandoned { return unit.abandon() }
        if let failure { return unit.finish(.failure(failure)) }
        lastID &+= 1
        guard state.submitted(lastID, unit.work.kind) else {
            return unit.finish(.failure(PostgresError(.poolExhausted, "too many statements are waiting")))
        }
        unit.id = lastID
        units[lastID] = unit
        unit.timer = loop.schedule(after: unit.timeout) { [weak self, weak unit] in
            if let unit { self?.timedOut(unit) }
        }
        sendWaiting()
    }

    /// Handles the cancellation of the caller of a batch.
    func abandon(_ unit: WorkUnit) {
        unit.abandon(outcomeUnknown: unit.wasSent)
        guard let id = unit.id else { return }
        guard state.withdrawn(id) else { return endSoon(unit, id) }
        drop(id)
        tellIdle()
    }

    /// Closes the connection when the batch runs on for too long, but only if it is alone: other callers'
    /// statements on the connection must not fail for it.
    private func endSoon(_ unit: WorkUnit, _ id: UnitQueueState.UnitID) {
        loop.schedule(after: configuration.abandonedTimeout) { [weak self, weak unit] in
            guard let self, let unit, units[id] === unit, state.isAlone(id) else { return }
            end(
                PostgresError(
                    .cancelled, "the connection was closed because its caller was cancelled",
                    outcomeUnknown: true))
        }
    }

    private func timedOut(_ unit: WorkUnit) {
        guard let id = unit.id else { return }
        let error = PostgresError(.timeout, "the statement took too long", outcomeUnknown: unit.wasSent)
        unit.finish(.failure(error))
        guard units[id] === unit else { return }
        guard !state.withdrawn(id) else { return drop(id) }
        end(PostgresError(.connection, "the connection was closed after a time-out", outcomeUnknown: true))
    }

    /// Cancels the running statement at the server, and closes the connection.
    private func end(_ error: PostgresError) {
        // The link stays open until the request has ended: a PgBouncer forwards no cancel request for a client that
        // has gone.
        link?.makeCancel()?.request { [loop, link] in
            loop.execute { withExtendedLifetime(link) {} }
        }
        lose(error)
    }

    private func drop(_ id: UnitQueueState.UnitID) {
        units.removeValue(forKey: id)?.timer?.cancel()
    }

    /// The oldest batch in flight has its complete result.
    func unitAnswered() {
        guard let id = state.answered(), let unit = units.removeValue(forKey: id) else { return }
        unit.answered()
        sendWaiting()
        tellIdle()
    }

    /// Calls `action` once nothing is in flight any more, or the connection is gone.
    func whenIdle(_ action: @escaping () -> Void) {
        idleWaiters.append(action)
        tellIdle()
    }

    private func tellIdle() {
        guard state.isIdle else { return }
        let waiters = idleWaiters
        idleWaiters = []
        for waiter in waiters { waiter() }
    }

    /// Why a new session may be better than this one; nil if there is no reason. A session keeps the settings that
    /// the database and the role gave it at its start, such as a read-only default or a search path, even after
    /// both have been corrected.
    var staleness: SessionStaleness? {
        let turnedReadOnly = link?.reportsReadOnly == true && reportAtOpening != true
        guard isReadOnly || turnedReadOnly, !wantsReadOnly else { return suspicion }
        return .readOnly
    }

    func received(_ error: PostgresError) {
        let isOwn = error.sqlState == PostgresError.lockNotAvailable && hasOwnLockTimeout
        guard !isOwn, let found = error.staleness, suspicion != .readOnly else { return }
        if found == .suspect || !wantsReadOnly { suspicion = found }
    }

    /// Resets what belongs to the previous user of the connection.
    func wasReturned() {
        hasOwnLockTimeout = false
    }

    /// Whether the connection can be given to the next user: it is open and in no transaction.
    var isReusable: Bool {
        failure == nil && state.isIdle && link?.isIdle == true
    }

    /// Ends the connection with `error`; everything in flight fails. Later calls have no effect.
    func lose(_ error: PostgresError) {
        guard failure == nil else { return }
        if !error.isOurs, let fallback = opening?.takeFallback() { return goBack(to: fallback) }
        failure = error
        // Must happen before the descriptor is closed, which releasing the link does.
        watch?.cancel()
        watch = nil
        link = nil
        let (sent, unsent) = state.failed()
        for id in sent + unsent { fail(id, error, wasSent: sent.contains(id)) }
        tellIdle()
        if let opening { opening.finish(error) } else { onLoss?(error) }
        onLoss = nil
    }

    private func fail(_ id: UnitQueueState.UnitID, _ error: PostgresError, wasSent: Bool) {
        guard let unit = units.removeValue(forKey: id) else { return }
        unit.timer?.cancel()
        if let refusal = unit.error { return unit.finish(.failure(refusal)) }
        var error = error
        error.outcomeUnknown = wasSent
        unit.finish(.failure(error))
    }
}
