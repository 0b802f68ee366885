internal import HarborFleetStorage
internal import HarborFleetWeb
internal import Logging
internal import Postgres
internal import Supervision
internal import Synchronization

/// Brings the schema up to date at the start and keeps an eye on it: the gate is open while this binary may work with
/// it.
///
/// A database that is away is waited for, so is whoever migrates when the server may not, and so is whoever mends a
/// schema that is refused: the server runs meanwhile, `/ready` says why it is not ready, and the log says it once.
struct SchemaChild: Sendable {
    /// How long the others wait for it; then they start behind the closed gate, so that somebody answers `/health`.
    private static let othersWait: Duration = .seconds(1)
    /// Between two looks at a schema that is current: somebody may apply a migration that this binary cannot live with.
    private static let watchInterval: Duration = .seconds(5)
    /// The first delay after what somebody has to mend; it doubles each time.
    private static let retryDelay: Duration = .seconds(1)
    private static let longestDelay: Duration = .seconds(60)
    /// For a database that is away at the start: its pool, which refuses at once, finds out when it is back.
    private static let awayDelay: Duration = .milliseconds(20)

    let parts: ServerParts
    private let upkeep = UpkeepPace()

    init(parts: ServerParts) {
        self.parts = parts
    }

    var spec: ChildSpec {
        ChildSpec(id: "schema") { context in
            try await context.readyAtLatest(after: Self.othersWait) { try await run(context) }
        }
    }

    private func run(_ context: ChildContext) async throws {
        var failure: String?
        var delay = Self.retryDelay
        while true {
            do {
                try await bringUpToDate()
                isCurrent(after: failure)
                failure = nil
                delay = Self.retryDelay
                context.ready()
                try await Task.sleep(for: Self.watchInterval)
            } catch let error as CancellationError {
                throw error
            } catch {
                note(error, &failure)
                try await Task.sleep(for: pause(after: error, &delay))
            }
        }
    }

    /// A migration that fails is not to take its locks every second.
    private func pause(after error: any Error, _ delay: inout Duration) -> Duration {
        switch error {
        case is SchemaError: return Self.retryDelay
        case MigrationError.database(let error): return pause(after: error, &delay)
        case let error as PostgresError: return pause(after: error, &delay)
        default: return longer(&delay)
        }
    }

    /// What the server itself refuses, the right to make a table for example, somebody has to mend.
    private func pause(after error: PostgresError, _ delay: inout Duration) -> Duration {
        if parts.gate.isOpen { return Self.watchInterval }
        guard error.isUnavailable else { return longer(&delay) }
        // One that refuses a statement, since it is read-only for example, answers at once.
        return error.sqlState == nil ? Self.awayDelay : Self.retryDelay
    }

    private func longer(_ delay: inout Duration) -> Duration {
        defer { delay = min(delay * 2, Self.longestDelay) }
        return delay
    }

    private func bringUpToDate() async throws {
        try await parts.directPool.withConnection { connection in
            let migrator = StorageMigrations.migrator
            let overview = try await migrator.overview(on: connection)
            if let problem = overview.problem { throw problem }
            guard overview.isBehind else { return await keep(overview.functions, connection) }
            guard parts.configuration.migratesOnStart else { throw SchemaError(overview) }
            parts.readiness.schemaChecked(ReadinessCheck(.failed, "the schema is being brought up to date"))
            let applied = try await migrator.apply(on: connection) {
                parts.logger.notice("another migrator is at work: waiting for it")
            }
            for migration in applied.migrations {
                parts.logger.notice("migration applied", metadata: ["migration": "\(migration.label)"])
            }
            for name in applied.functions {
                parts.logger.notice("function created", metadata: ["function": "\(name)"])
            }
        }
    }

    /// Nothing waits for this, so a refusal goes into the log alone.
    private func keep(_ functions: SchemaFunctionOverview, _ connection: PostgresConnection) async {
        guard functions.needsUpkeep, upkeep.isDue else { return }
        do {
            try await StorageMigrations.migrator.keepFunctions(functions, on: connection)
        } catch {
            parts.logger.warning(
                "the database's list of functions is not kept: another version may drop this one's after 30 days",
                metadata: ["error": "\(error)"])
        }
    }

    private func isCurrent(after failure: String?) {
        if failure != nil { parts.logger.notice("the schema is current") }
        parts.readiness.schemaChecked(ReadinessCheck(.ok, "the schema is current"))
        parts.gate.set(isOpen: true)
    }

    /// It is asked again and again: only what is new goes into the log.
    private func note(_ error: any Error, _ failure: inout String?) {
        // Whether a database that is away is current cannot be said; that it is away, others say.
        // A refusal goes into the log here, and the work goes on, since the schema has not changed.
        if parts.gate.isOpen, error.isAwaited, !(error is SchemaError) {
            if error.isRefusal { tell("the schema cannot be looked at", error, &failure) }
            return
        }
        parts.gate.set(isOpen: false)
        parts.readiness.schemaChecked(
            ReadinessCheck(.failed, (error as? MigrationError)?.summary ?? "\(error)"))
        tell("the schema is not ready", error, &failure)
    }

    private func tell(_ message: Logger.Message, _ error: any Error, _ failure: inout String?) {
        let reason = "\(error)"
        guard reason != failure else { return }
        failure = reason
        let level: Logger.Level = error.isAwaited && !error.isRefusal ? .warning : .error
        parts.logger.log(level: level, message, metadata: ["error": "\(reason)"])
    }
}

/// Why the schema is not current although nothing failed.
enum SchemaError: Error, CustomStringConvertible {
    /// `HARBOR_MIGRATE` is false, so somebody else has to migrate.
    case pending(Int)
    /// Likewise.
    case functionsMissing

    /// - Parameter overview: of a schema that is behind.
    init(_ overview: MigrationOverview) {
        self = overview.pending > 0 ? .pending(overview.pending) : .functionsMissing
    }

    var description: String {
        switch self {
        case .pending(1): "1 migration is pending; run harbor-fleet migrate"
        case .pending(let count): "\(count) migrations are pending; run harbor-fleet migrate"
        case .functionsMissing:
            "the database lacks the functions of this version; run this version's harbor-fleet migrate"
        }
    }
}

extension Error {
    /// Whether the database answers and refuses, for want of a right say.
    fileprivate var isRefusal: Bool {
        guard case MigrationError.database(let error)? = self as? MigrationError else { return false }
        return error.sqlState != nil && !error.isUnavailable
    }

    /// Whether it passes by itself, or by what others do as a rule; else somebody has to mend something.
    fileprivate var isAwaited: Bool {
        guard let error = self as? MigrationError else { return true }
        return error.isPassing
    }
}

/// How often the list of functions is kept: what the database refuses is not tried at each look.
private final class UpkeepPace: Sendable {
    private static let interval: Duration = .seconds(3_600)

    private let next = Mutex<ContinuousClock.Instant?>(nil)

    /// Whether it is time; then the next time is an hour later.
    var isDue: Bool {
        next.withLock { next in
            let now = ContinuousClock.now
            if let due = next, now < due { return false }
            next = now + Self.interval
            return true
        }
    }
}
