package import Logging
package import Postgres
package import Supervision
internal import Synchronization

/// Brings the schema up to date at the start and then monitors it: the gate is open while this binary may work with
/// the schema.
///
/// It waits for an unavailable database, for another migrator when this server may not migrate, and for the repair
/// of a schema that is refused. The server runs meanwhile, `/ready` says why it is not ready, and the log says it
/// once.
package final class SchemaMigrator: Sendable {
    /// How long the other services wait for the schema. Then they start behind the closed gate, so that `/health`
    /// is served.
    private static let othersWait: Duration = .seconds(1)
    /// Between two looks at a current schema: a migration with which this binary cannot work may be applied at any
    /// time.
    private static let watchInterval: Duration = .seconds(5)
    /// Between two looks at a fault that needs a repair. A migration that fails must not take its locks every
    /// second.
    private static let backoff = Backoff(initial: retryDelay, maximum: .seconds(60))
    private static let retryDelay: Duration = .seconds(1)
    /// Between two looks at a database that is unavailable at the start. Its pool refuses at once and detects when
    /// it is back.
    private static let awayDelay: Duration = .milliseconds(20)
    /// Between two updates of the list of functions in use: what the database refuses must not be tried at each
    /// look.
    private static let upkeepInterval: Duration = .seconds(3_600)

    /// The state that is kept from look to look.
    private struct Progress {
        /// The failure that was logged last; nil while the schema is current.
        var failure: String?
        /// The number of consecutive looks that found a fault that needs a repair.
        var faults = 0
        var nextUpkeep: ContinuousClock.Instant?
    }

    private let pool: PostgresPool
    private let gate: SchemaGate
    private let migrates: Bool
    private let logger: Logger
    private let check = Mutex(HealthCheck(.failed, "the schema has not been checked yet"))

    /// - Parameters:
    ///   - pool: must not go through a PgBouncer, because the migrator's lock belongs to a session.
    ///   - migrates: whether the server applies pending migrations itself; otherwise it waits until they are
    ///     applied.
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
        // A database that refuses a statement, for example because it is read-only, responds at once.
        case let error as PostgresError where error.isUnavailable:
            return error.sqlState == nil ? Self.awayDelay : Self.retryDelay
        // Includes statements that the server refuses for good, for example for lack of the right to create a
        // table.
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
                logger.notice("another process is migrating the schema: waiting for it")
            }
            for migration in applied.migrations {
                logger.notice("migration applied", metadata: ["migration": "\(migration.label)"])
            }
            for name in applied.functions {
                logger.notice("function created", metadata: ["function": "\(name)"])
            }
        }
    }

    /// Nothing depends on this, so a refusal is only logged.
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
                "the list of functions in use could not be updated: another version may drop this one's after 30 days",
                metadata: ["error": "\(error)"])
        }
    }

    private func show(_ check: HealthCheck) { self.check.withLock { $0 = check } }

    private func isCurrent(after failure: String?) {
        if failure != nil { logger.notice("the schema is current") }
        show(HealthCheck(.ok, "the schema is current"))
        gate.set(isOpen: true)
    }

    /// Handles a failed look. Looks are frequent, so only a new failure is logged.
    private func note(_ error: any Error, _ failure: inout String?) {
        // While the gate is open, a failed look does not close it for a passing failure. An unavailable database
        // says nothing about its schema, and the pools report that it is unavailable. A refusal is logged here, and
        // the server goes on, because the schema has not changed.
        if gate.isOpen, error.isAwaited, !(error is SchemaError) {
            if error.isRefusal { tell("the schema cannot be checked", error, &failure) }
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
    /// `HARBOR_MIGRATE` is false, so another program must migrate. When no migration is pending, functions are
    /// missing.
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
    /// Whether the database responds and refuses the statement, for example because a right is missing.
    fileprivate var isRefusal: Bool {
        guard case MigrationError.database(let error)? = self as? MigrationError else { return false }
        return error.sqlState != nil && !error.isUnavailable
    }

    /// Whether the failure passes by itself, or usually ends through other programs; otherwise it needs a repair.
    fileprivate var isAwaited: Bool { (self as? MigrationError)?.isPassing ?? true }
}
