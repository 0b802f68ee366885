package import Logging
internal import Synchronization

/// Logs outages of the database: one line when it is lost, one when it is back, and at most one per minute in between,
/// whatever the number of pools, connections and attempts.
package final class OutageLog: Sendable {
    private let logger: Logger
    private let state = Mutex(OutageLogState())

    /// - Parameter logger: receives the reasons. libpq's texts name hosts and roles, but no password.
    package init(logger: Logger) {
        self.logger = logger
    }

    /// A pool became unusable, or is still unusable.
    func troubled(_ pool: ObjectIdentifier, _ error: PostgresError, at now: ContinuousClock.Instant) {
        write(state.withLock { $0.troubled(pool, at: now) }, error)
    }

    /// A connection is lost, and the pool still has others.
    func lostOne(_ error: PostgresError, at now: ContinuousClock.Instant) {
        write(state.withLock { $0.lostOne(at: now) }, error)
    }

    /// A pool can be used again.
    func recovered(_ pool: ObjectIdentifier, at now: ContinuousClock.Instant) {
        write(state.withLock { $0.recovered(pool, at: now) }, nil)
    }

    /// New sessions of a pool accept no writes.
    func takesNoWrites(_ pool: ObjectIdentifier) {
        guard state.withLock({ $0.takesNoWrites(pool) }) else { return }
        logger.warning("the database accepts no writes: sessions are renewed until it does")
    }

    /// New sessions of a pool accept writes.
    func takesWrites(_ pool: ObjectIdentifier) {
        guard state.withLock({ $0.takesWrites(pool) }) else { return }
        logger.notice("the database accepts writes again")
    }

    private func write(_ line: OutageLogState.Line?, _ error: PostgresError?) {
        var metadata: Logger.Metadata = [:]
        if let error {
            metadata = ["reason": "\(error.reason)", "error": "\(error.debugDescription)"]
        }
        switch line {
        case .lostOne?: logger.info("a database connection was lost", metadata: metadata)
        case .lost?: logger.warning("the database is unavailable", metadata: metadata)
        case .still(let period)?:
            metadata["for_ms"] = .stringConvertible(Int64(period / .milliseconds(1)))
            logger.warning("the database is still unavailable", metadata: metadata)
        case .back(let period)?:
            logger.notice(
                "the database is available again",
                metadata: ["after_ms": .stringConvertible(Int64(period / .milliseconds(1)))])
        case nil: break
        }
    }
}

/// Decides which log lines an outage gets. A value.
struct OutageLogState {
    enum Line: Equatable {
        case lostOne
        case lost
        case still(for: Duration)
        case back(after: Duration)
    }

    /// An outage that begins this soon after a line is logged only if it persists.
    static let pause: Duration = .seconds(5)
    static let reminder: Duration = .seconds(60)

    private var pools: Set<ObjectIdentifier> = []
    private var since: ContinuousClock.Instant?
    private var lastLineAt: ContinuousClock.Instant?
    private var lastLossAt: ContinuousClock.Instant?
    private var isTold = false
    /// The pools whose new sessions accept no writes.
    private var readOnlyPools: Set<ObjectIdentifier> = []

    /// - Returns: whether this is the first pool, so that a line must be logged.
    mutating func takesNoWrites(_ pool: ObjectIdentifier) -> Bool {
        defer { readOnlyPools.insert(pool) }
        return readOnlyPools.isEmpty
    }

    /// - Returns: whether all pools accept writes again as of now.
    mutating func takesWrites(_ pool: ObjectIdentifier) -> Bool {
        readOnlyPools.remove(pool) != nil && readOnlyPools.isEmpty
    }

    mutating func troubled(_ pool: ObjectIdentifier, at now: ContinuousClock.Instant) -> Line? {
        pools.insert(pool)
        let start = since ?? now
        since = start
        let silence = lastLineAt?.duration(to: now)
        if !isTold {
            guard silence ?? Self.pause >= Self.pause else { return nil }
            isTold = true
            lastLineAt = now
            return .lost
        }
        guard let silence, silence >= Self.reminder else { return nil }
        lastLineAt = now
        return .still(for: start.duration(to: now))
    }

    mutating func lostOne(at now: ContinuousClock.Instant) -> Line? {
        guard !isTold, lastLossAt.map({ $0.duration(to: now) >= Self.pause }) ?? true else { return nil }
        lastLossAt = now
        return .lostOne
    }

    mutating func recovered(_ pool: ObjectIdentifier, at now: ContinuousClock.Instant) -> Line? {
        pools.remove(pool)
        guard pools.isEmpty, let start = since else { return nil }
        since = nil
        guard isTold else { return nil }
        isTold = false
        lastLineAt = now
        return .back(after: start.duration(to: now))
    }
}
