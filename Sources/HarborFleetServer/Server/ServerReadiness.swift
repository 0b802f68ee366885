internal import HarborFleet
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import Synchronization

/// What `/ready` says: the database answers, its schema is current, fixes have partitions, and the server is not
/// draining. Looks when somebody asks, and has a line for the log when it finds a change.
final class ServerReadiness: ReadinessSource {
    private let pool: PostgresPool
    private let recorderPool: PostgresPool
    private let directPool: PostgresPool
    private let gate: SchemaGate
    private let partitions: PartitionBoard
    private let recorder: FixRecorder
    private let lifecycle: Lifecycle
    private let schema = Mutex(ReadinessCheck(.failed, "the schema has not been checked yet"))
    private let changes = Mutex(ReadinessChanges())
    private let logger: Logger
    private let quarantined: @Sendable () -> [String]

    init(
        pool: PostgresPool, recorderPool: PostgresPool, directPool: PostgresPool, recorder: FixRecorder,
        gate: SchemaGate, partitions: PartitionBoard, lifecycle: Lifecycle, logger: Logger,
        quarantined: @escaping @Sendable () -> [String]
    ) {
        self.pool = pool
        self.recorderPool = recorderPool
        self.directPool = directPool
        self.gate = gate
        self.partitions = partitions
        self.recorder = recorder
        self.lifecycle = lifecycle
        self.logger = logger
        self.quarantined = quarantined
    }

    func schemaChecked(_ check: ReadinessCheck) {
        schema.withLock { $0 = check }
    }

    func checks() -> [String: ReadinessCheck] {
        let checks = [
            "database": database, "migrations": schema.withLock { $0 }, "lifecycle": lifecycle.check,
            "partitions": partitions.check, "trackers": trackers,
        ]
        if let change = changes.withLock({ $0.looked(at: checks) }) { log(change) }
        return checks
    }

    private func log(_ change: ReadinessChanges.Change) {
        switch change {
        case .notReady(let reasons):
            logger.warning("not ready", metadata: reasons.mapValues { "\($0)" })
        case .readyAgain: logger.notice("ready again")
        }
    }

    /// While the schema keeps the others away from the database, the pool that looks at the schema tells how it is;
    /// that one may be silent for a while.
    private var database: ReadinessCheck {
        guard !gate.isOpen else {
            return .database(
                queries: pool.health, recorder: recorderPool.health, storeFailure: recorder.storeFailure,
                at: .now)
        }
        let health = directPool.health
        return .database(
            queries: health, recorder: health, storeFailure: nil, at: health.answeredAt ?? .now)
    }

    /// A quarantined fleet is told, but leaves the server ready: the others are served.
    private var trackers: ReadinessCheck {
        let count = quarantined().count
        return ReadinessCheck(.ok, count == 0 ? "all well" : "\(count) fleets are quarantined")
    }
}
