internal import HarborFleetStorage
internal import Postgres
internal import Supervision

/// Makes sure that the schema is current before a command uses a table.
///
/// A server that is starting may be about to apply migrations, so this waits for it for a while. Only a database
/// that has no tables yet may get them here: the private PostgreSQL from any command, another database from a
/// command that adds something, so that fleets and partners can be added before the first start.
struct SchemaWait {
    /// How long to wait for a server; most take far less than a second.
    private static let patience: Duration = .seconds(10)
    private static let lookInterval: Duration = .milliseconds(100)

    let pool: PostgresPool
    let choice: DatabaseChoice
    /// Whether the command adds something.
    let adds: Bool

    /// Returns once this binary may work with the schema.
    /// - Throws: `MigrationError` when the schema is refused; `CommandFailure` when migrations are pending.
    func run() async throws {
        let deadline = Deadline(after: Self.patience)
        try await PeriodicJob().run {
            let overview = try await overview()
            if let problem = overview.problem { throw problem }
            guard overview.pending > 0 else { return .never }
            guard choice.configuration.migratesOnStart else { throw Self.failure(overview) }
            if try await SessionNames.serverIsThere(in: pool) {
                guard !deadline.isOver else { throw Self.failure(overview) }
                // The other process gives no signal when it has migrated, so this polls.
                return .after(Self.lookInterval)
            }
            let isNew = overview.pending == overview.migrations.count
            guard isNew, adds || choice.configuration.databaseURL == nil else { throw Self.failure(overview) }
            try await makeTables()
            return .never
        }
    }

    private static func failure(_ overview: MigrationOverview) -> CommandFailure {
        let count = overview.pending
        return CommandFailure(
            """
            the database's schema is not current, \(count) \(count == 1 ? "migration is" : "migrations are") pending: \
            run harbor-fleet migrate, or start a server without HARBOR_MIGRATE=false
            """)
    }

    private func overview() async throws -> MigrationOverview {
        try await pool.withConnection { try await StorageMigrations.migrator.overview(on: $0) }
    }

    /// Uses the direct URL, past a PgBouncer: the migrator's lock belongs to a session.
    private func makeTables() async throws {
        guard choice.configuration.databaseDirectURL != nil else { return try await Self.migrate(pool) }
        try await DatabaseSession.open(choice, direct: true) { try await Self.migrate($0) }
    }

    private static func migrate(_ pool: PostgresPool) async throws {
        try await pool.withConnection { _ = try await StorageMigrations.migrator.apply(on: $0) }
    }
}
