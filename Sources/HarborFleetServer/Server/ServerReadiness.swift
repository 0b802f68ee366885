internal import HarborFleet
internal import HarborFleetAPI
internal import Logging
internal import Postgres
internal import Synchronization

/// What `/ready` says: the database answers, its schema is current, fixes have partitions, and the server is not
/// draining. Looks when somebody asks, and has a line for the log when it finds a change.
final class ServerReadiness: ReadinessSource {
    private let pool: PostgresPool
    private let recorderPool: PostgresPool
    private let revisionPool: PostgresPool
    private let directPool: PostgresPool
    private let gate: SchemaGate
    private let partitions: PartitionBoard
    private let secrets: SecretsBoard
    private let recorder: FixRecorder
    private let lifecycle: Lifecycle
    private let schema = Mutex(ReadinessCheck(.failed, "the schema has not been checked yet"))
    private let changes = Mutex(ReadinessChanges())
    private let logger: Logger
    private let quarantined: @Sendable () -> [String]
    /// What the line that the server is ready tells besides.
    private let identity = Mutex<Logger.Metadata>([:])

    /// What may fail at first, while everything starts, is not worth a line.
    private static let startTime: Duration = .seconds(1)
    /// Between two looks, until the server is ready for the first time: at first, and at most.
    private static let firstPause: Duration = .milliseconds(10)
    private static let longestPause: Duration = .seconds(1)

    init(
        pool: PostgresPool, recorderPool: PostgresPool, revisionPool: PostgresPool, directPool: PostgresPool,
        recorder: FixRecorder,
        gate: SchemaGate, partitions: PartitionBoard, secrets: SecretsBoard, lifecycle: Lifecycle,
        logger: Logger,
        quarantined: @escaping @Sendable () -> [String]
    ) {
        self.pool = pool
        self.recorderPool = recorderPool
        self.revisionPool = revisionPool
        self.directPool = directPool
        self.gate = gate
        self.partitions = partitions
        self.secrets = secrets
        self.recorder = recorder
        self.lifecycle = lifecycle
        self.logger = logger
        self.quarantined = quarantined
    }

    func schemaChecked(_ check: ReadinessCheck) {
        schema.withLock { $0 = check }
    }

    func checks() -> [String: ReadinessCheck] {
        let checks = look()
        if let change = changes.withLock({ $0.looked(at: checks) }) { log(change) }
        return checks
    }

    /// - Parameter identity: goes into the line that the server is ready.
    func listening(as identity: Logger.Metadata) {
        self.identity.withLock { $0 = identity }
    }

    /// Looks until the server is ready for the first time, so that the log says so whether somebody asks or not; or
    /// until the task is cancelled.
    func waitUntilReady() async {
        let start = ContinuousClock.now
        var pause = Self.firstPause
        while true {
            let isStarting = start.duration(to: .now) < Self.startTime
            let found = isStarting ? look() : checks()
            if found.isReady {
                _ = checks()
                return
            }
            // The checks are states of many parts, none of which tells of a change.
            do { try await Task.sleep(for: pause) } catch { return }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func look() -> [String: ReadinessCheck] {
        [
            "database": database, "migrations": schema.withLock { $0 }, "lifecycle": lifecycle.check,
            "partitions": partitions.check, "trackers": trackers, "secrets": secrets.check,
        ]
    }

    private func log(_ change: ReadinessChanges.Change) {
        switch change {
        case .notReady(let reasons):
            logger.warning("not ready", metadata: reasons.mapValues { "\($0)" })
        case .ready: logger.notice("ready", metadata: identity.withLock { $0 })
        case .readyAgain: logger.notice("ready again")
        }
    }

    /// While the schema keeps the others away from the database, the pool that looks at the schema tells how it is;
    /// that one may be silent for a while.
    private var database: ReadinessCheck {
        guard !gate.isOpen else {
            return .database(
                queries: pool.health.probed(by: revisionPool.health), recorder: recorderPool.health,
                storeFailure: recorder.storeFailure,
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
