internal import HarborFleetWeb
internal import Postgres
internal import Synchronization

/// What `/ready` says: the database answers, its schema is current, and the server is not draining.
final class ServerReadiness: ReadinessSource {
    private let pool: PostgresPool
    private let lifecycle: Lifecycle
    private let schema = Mutex(ReadinessCheck(.failed, "the schema has not been checked yet"))
    private let quarantined: @Sendable () -> [String]

    init(pool: PostgresPool, lifecycle: Lifecycle, quarantined: @escaping @Sendable () -> [String]) {
        self.pool = pool
        self.lifecycle = lifecycle
        self.quarantined = quarantined
    }

    func schemaChecked(_ check: ReadinessCheck) {
        schema.withLock { $0 = check }
    }

    func checks() -> [String: ReadinessCheck] {
        [
            "database": database, "migrations": schema.withLock { $0 }, "lifecycle": lifecycle.check,
            "trackers": trackers,
        ]
    }

    private var database: ReadinessCheck {
        let health = pool.health
        guard !health.isAvailable else { return ReadinessCheck(.ok, "\(health.connected) connections") }
        let reason = health.lastError.map { ": \($0)" } ?? ""
        return ReadinessCheck(.failed, "no connection to the database\(reason)")
    }

    /// A quarantined fleet is told, but leaves the server ready: the others are served.
    private var trackers: ReadinessCheck {
        let count = quarantined().count
        return ReadinessCheck(.ok, count == 0 ? "all well" : "\(count) fleets are quarantined")
    }
}
