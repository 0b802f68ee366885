package import Logging
package import Postgres
package import Supervision
internal import Synchronization

/// Brings the schema up to date at the start and keeps an eye on it: the gate is open while this binary may work with
/// it.
///
/// It waits for a database that is away, for another migrator when the server may not migrate, and for the repair of a
/// schema that is refused. The server runs meanwhile, `/ready` says why it is not ready, and the log says it once.
package final class SchemaMigrator: Sendable {
    /// How long the other services wait for it; then they start behind the closed gate, so that `/health` is served.
    private static let othersWait: Duration = .seconds(1)
    /// Between two looks at a schema that is current: a migration may be applied that this binary cannot live with.
    private static let watchInterval: Duration = .seconds(5)
    /// Between two looks at a fault that needs a repair. A migration that fails must not take its locks every second.
    private static let backoff = Backoff(initial: retryDelay, maximum: .seconds(60))
    private static let retryDelay: Duration = .seconds(1)
    /// For a database that is away at the start: its pool, which refuses at once, finds out when it is back.
    private static let awayDelay: Duration = .milliseconds(20)
    /// Between two notes of the functions in use: what the database refuses is not tried at each look.
    private static let upkeepInterval: Duration = .seconds(3_600)

    /// What is kept from look to look.
    private struct Progress {
        /// What the log was told last; nil while the schema is current.
        var failure: String?
        /// Looks in a row that found a fault that needs a repair.
        var faults = 0
        var nextUpkeep: ContinuousClock.Instant?
    }

    private let pool: PostgresPool
    private let gate: SchemaGate
    private let migrates: Bool
    private let logger: Logger
    private let check = Mutex(HealthCheck(.failed, "the schema has not been checked yet"))

    /// - Parameters:
    ///   - pool: not through a PgBouncer: the migrator's lock belongs to a session.
    ///   - migrates: whether it applies pending migrations, or waits until they are applied.
    package init(pool: PostgresPool, gate: SchemaGate, migrates: Bool, logger: Logger) {
        self.pool = pool
        self.gate = gate
        self.migrates = migrates
        self.logger = logger
    }

    package var service: Service {
        Service(
            ChildSpec(id: "schema") { context in
                try await context.readyAtLatest(after: Self.othersWait) { try await self.run(context) }
            }, checks: ["migrations": { self.check.withLock { $0 } }])
    }

    private func run(_ context: ChildContext) async throws {
        var progress = Progress()
        try await PeriodicJob().run {
            do {
                try await bringUpToDate(&progress)
                isCurrent(after: progress.failure)
                (progress.failure, progress.faults) = (nil, 0)
                context.ready()
                return .after(Self.watchInterval)
            } catch let error as CancellationError {
                throw error
            } catch {
                note(error, &progress.failure)
                return .after(pause(after: error, &progress.faults))
            }
        }
    }

    private func pause(after error: any Error, _ faults: inout Int) -> Duration {
        switch error {
        case is SchemaError: return Self.retryDelay
        case MigrationError.database(let error): return pause(after: error, &faults)
        case is PostgresError where gate.isOpen: return Self.watchInterval
        // One that refuses a statement, since it is read-only for example, answers at once.
        case let error as PostgresError where error.isUnavailable:
            return error.sqlState == nil ? Self.awayDelay : Self.retryDelay
        // Also what the server itself refuses, the right to make a table for example.
        default:
            faults += 1
            return Self.backoff.delay(afterFailures: faults)
        }
    }

    private func bringUpToDate(_ progress: inout Progress) async throws {
        try await pool.withConnection { connection in
            let migrator = StorageMigrations.migrator
            let overview = try await migrator.overview(on: connection)
            if let problem = overview.problem { throw problem }
            guard overview.isBehind else {
                return await keep(overview.functions, connection, &progress.nextUpkeep)
            }
            guard migrates else { throw SchemaError(pending: overview.pending) }
            show(HealthCheck(.failed, "the schema is being brought up to date"))
            let applied = try await migrator.apply(on: connection) {
                logger.notice("another migrator is at work: waiting for it")
            }
            for migration in applied.migrations {
                logger.notice("migration applied", metadata: ["migration": "\(migration.label)"])
            }
            for name in applied.functions {
                logger.notice("function created", metadata: ["function": "\(name)"])
            }
        }
    }

    /// Nothing waits for this, so a refusal goes into the log alone.
    private func keep(
        _ functions: SchemaFunctionOverview, _ connection: PostgresConnection,
        _ next: inout ContinuousClock.Instant?
    ) async {
        let now = ContinuousClock.now
        guard functions.needsUpkeep, next ?? now <= now else { return }
        next = now + Self.upkeepInterval
        do {
            try await StorageMigrations.migrator.keepFunctions(functions, on: connection)
        } catch {
            logger.warning(
                "the database's list of functions is not kept: another version may drop this one's after 30 days",
                metadata: ["error": "\(error)"])
        }
    }

    private func show(_ check: HealthCheck) { self.check.withLock { $0 = check } }

    private func isCurrent(after failure: String?) {
        if failure != nil { logger.notice("the schema is current") }
        show(HealthCheck(.ok, "the schema is current"))
        gate.set(isOpen: true)
    }

    /// It is asked again and again: only what is new goes into the log.
    private func note(_ error: any Error, _ failure: inout String?) {
        // Whether a database that is away is current cannot be said; that it is away, the pools say.
        // A refusal goes into the log here, and the work goes on, since the schema has not changed.
        if gate.isOpen, error.isAwaited, !(error is SchemaError) {
            if error.isRefusal { tell("the schema cannot be looked at", error, &failure) }
            return
        }
        gate.set(isOpen: false)
        show(HealthCheck(.failed, (error as? MigrationError)?.summary ?? "\(error)"))
        tell("the schema is not ready", error, &failure)
    }

    private func tell(_ message: Logger.Message, _ error: any Error, _ failure: inout String?) {
        let reason = "\(error)"
        guard reason != failure else { return }
        failure = reason
        let level: Logger.Level = error.isAwaited && !error.isRefusal ? .warning : .error
        logger.log(level: level, message, metadata: ["error": "\(reason)"])
    }
}

/// Why the schema is not current although nothing failed.
struct SchemaError: Error, CustomStringConvertible {
    /// `HARBOR_MIGRATE` is false, so another program has to migrate. When none is pending, functions are missing.
    let pending: Int

    var description: String {
        switch pending {
        case 0: "the database lacks the functions of this version; run this version's harbor-fleet migrate"
        case 1: "1 migration is pending; run harbor-fleet migrate"
        default: "\(pending) migrations are pending; run harbor-fleet migrate"
        }
    }
}

extension Error {
    /// Whether the database answers and refuses, for want of a right for example.
    fileprivate var isRefusal: Bool {
        guard case MigrationError.database(let error)? = self as? MigrationError else { return false }
        return error.sqlState != nil && !error.isUnavailable
    }

    /// Whether it passes by itself, or by what other programs do as a rule; else it needs a repair.
    fileprivate var isAwaited: Bool { (self as? MigrationError)?.isPassing ?? true }
}
