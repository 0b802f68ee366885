internal import HarborFleetWeb
internal import Postgres
internal import Synchronization

/// What `/ready` says: the database answers, its schema is current, and the server is not draining.
final class ServerReadiness: ReadinessSource {
    private let pool: PostgresPool
    private let recorderPool: PostgresPool
    private let lifecycle: Lifecycle
    private let schema = Mutex(ReadinessCheck(.failed, "the schema has not been checked yet"))
    private let quarantined: @Sendable () -> [String]

    init(
        pool: PostgresPool, recorderPool: PostgresPool, lifecycle: Lifecycle,
        quarantined: @escaping @Sendable () -> [String]
    ) {
        self.pool = pool
        self.recorderPool = recorderPool
        self.lifecycle = lifecycle
        self.quarantined = quarantined
    }

    func schemaChecked(_ check: ReadinessCheck) {
        schema.withLock { $0 = check }
    }

    func checks() -> [String: ReadinessCheck] {
        [
            "database": .database(queries: pool.health, recorder: recorderPool.health, at: .now),
            "migrations": schema.withLock { $0 }, "lifecycle": lifecycle.check,
            "trackers": trackers,
        ]
    }

    /// A quarantined fleet is told, but leaves the server ready: the others are served.
    private var trackers: ReadinessCheck {
        let count = quarantined().count
        return ReadinessCheck(.ok, count == 0 ? "all well" : "\(count) fleets are quarantined")
    }
}
