internal import Supervision

/// Brings a database's schema up to date. It applies the missing migrations in order, each in a transaction, under
/// one advisory lock, so that servers that start together do not collide.
///
///     let migrator = Migrator(migrations)
///     let applied = try await migrator.apply(on: connection)
///
/// A migration that waits for a table's lock makes all later statements on the table wait too. So it gives up after
/// `MigratorConfiguration.tableLockTimeout` and may be tried again.
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let functions: SchemaFunctions
    private let configuration: MigratorConfiguration

    /// "HFLT" and "MIGR" as two 32-bit numbers. Any value works that no other lock of the database uses.
    private static let lock = AdvisoryLock(key: 0x4846_4C54_4D49_4752)

    package init(
        _ migrations: [Migration], functions: [SchemaFunction] = [],
        configuration: MigratorConfiguration = MigratorConfiguration()
    ) {
        self.migrations = migrations
        self.functions = SchemaFunctions(functions: functions)
        self.configuration = configuration
    }

    /// Applies pending migrations. A database that lacks nothing is only read.
    /// - Parameters:
    ///   - connection: must not go through a PgBouncer, because the lock belongs to the session.
    ///   - onWait: called once, when another migrator is running and this one waits for it.
    /// - Returns: the work that was done; empty when the schema was up to date.
    package func apply(
        on connection: PostgresConnection, onWait: () -> Void = {}
    ) async throws(MigrationError) -> MigrationReport {
        let overview = try await overview(on: connection)
        if let problem = overview.problem { throw problem }
        guard overview.isBehind else { return MigrationReport() }
        let isLocked = try await database(connection) { () async throws(PostgresError) in
            try await Self.lock.acquire(on: connection, within: configuration.patience, onWait: onWait)
        }
        guard isLocked else { throw .locked(waited: configuration.patience) }
        let outcome = await Result { () async throws(MigrationError) in
            try await applyPending(on: connection)
        }
        await Self.lock.release(on: connection)
        return try outcome.get()
    }

    /// The status of each migration. Changes nothing, and so also works on a database that has no table of
    /// migrations yet.
    package func overview(
        on connection: PostgresConnection
    ) async throws(MigrationError) -> MigrationOverview {
        let plan = try await plan(on: connection)
        let present = try await database(connection) {
            () async throws(PostgresError) -> SchemaFunctionOverview in
            try await functions.overview(on: connection)
        }
        return MigrationOverview(migrations: plan.status, problem: plan.problem, functions: present)
    }

    /// Records in the database that this binary uses its functions, and drops functions that no binary uses.
    ///
    /// No server waits for this, and a failed call may be repeated. If this binary records nothing for 30 days,
    /// another binary drops its functions.
    /// - Parameter overview: the result of a current look at the database.
    package func keepFunctions(
        _ overview: SchemaFunctionOverview, on connection: PostgresConnection
    ) async throws(MigrationError) {
        try await database(connection) { () async throws(PostgresError) in
            try await functions.keep(
                overview, on: connection, lockTimeout: configuration.tableLockTimeout)
        }
    }

    private func plan(on connection: PostgresConnection) async throws(MigrationError) -> MigrationPlan {
        let applied = try await record(on: connection)
        let encoding = try await database(connection) { () async throws(PostgresError) in
            try await connection.query("SELECT current_setting('server_encoding')")[0].string(0)
        }
        return MigrationPlan(known: migrations, applied: applied, encoding: encoding)
    }

    private func applyPending(
        on connection: PostgresConnection
    ) async throws(MigrationError) -> MigrationReport {
        // Planned again under the lock: another process may have applied migrations during the wait for it.
        let plan = try await plan(on: connection)
        if let problem = plan.problem { throw problem }
        try await database(connection, .schema) { () async throws(PostgresError) in
            _ = try await connection.execute(script: Self.createTable)
        }
        for migration in plan.pending { try await apply(migration, on: connection) }
        let created = try await database(connection, .schema) {
            () async throws(PostgresError) -> [String] in
            try await functions.install(on: connection)
        }
        return MigrationReport(migrations: plan.pending, functions: created)
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) async throws(MigrationError)
    {
        do {
            try await connection.execute(script: "BEGIN")
            try await connection.execute(script: LockTimeout.local(configuration.tableLockTimeout))
            let transaction = try await Self.transaction(connection)
            try await connection.execute(script: migration.sql, timeout: configuration.timeout)
            guard try await Self.transaction(connection) == transaction else {
                throw MigrationError.endedTransaction(number: migration.number, name: migration.name)
            }
            try await record(migration, on: connection)
            try await connection.execute(script: "COMMIT")
        } catch let error as MigrationError {
            throw error
        } catch {
            _ = try? await connection.execute(script: "ROLLBACK")
            let failure = error as? PostgresError ?? PostgresError(.closed, "the migration was cancelled")
            throw .failed(
                number: migration.number, name: migration.name,
                await MissingRights.explained(failure, .schema, on: connection))
        }
    }

    private func record(
        _ migration: Migration, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            """
            INSERT INTO schema_migrations (number, name, checksum, applied_at, oldest_binary)
            VALUES ($1, $2, $3, clock_timestamp(), $4)
            """,
            [
                .int8(Int64(migration.number)), .text(migration.name), .text(migration.checksum),
                .int8(Int64(migration.oldestBinary)),
            ])
    }

    private static func transaction(_ connection: PostgresConnection) async throws(PostgresError) -> Int64 {
        try await connection.query("SELECT txid_current()")[0].int64(0)
    }

    /// Empty when the table of migrations does not exist yet.
    private func record(on connection: PostgresConnection) async throws(MigrationError) -> [AppliedMigration]
    {
        try await database(connection) { () async throws(PostgresError) in
            let exists = try await connection.query("SELECT to_regclass('schema_migrations') IS NOT NULL")
            guard try exists[0].bool(0) else { return [] }
            let rows = try await connection.query(
                "SELECT number, name, checksum, applied_at, oldest_binary FROM schema_migrations ORDER BY 1")
            var applied: [AppliedMigration] = []
            for row in rows {
                applied.append(
                    AppliedMigration(
                        number: Int(try row.int64(0)), name: try row.string(1), checksum: try row.string(2),
                        appliedAtMilliseconds: try row.optionalMilliseconds(3),
                        oldestBinary: Int(try row.int64(4))))
            }
            return applied
        }
    }

    private func database<Value>(
        _ connection: PostgresConnection, _ need: MissingRights.Need = .rows,
        _ body: () async throws(PostgresError) -> Value
    ) async throws(MigrationError) -> Value {
        do {
            return try await body()
        } catch {
            throw .database(await MissingRights.explained(error, need, on: connection))
        }
    }

    private static let createTable = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number bigint PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz,
            oldest_binary bigint NOT NULL
        )
        """
}

/// The time limits of a migrator.
package struct MigratorConfiguration: Sendable {
    /// The limit for one migration. Default 10 minutes.
    package var timeout: Duration = .seconds(600)
    /// How long to wait for another migrator to finish. Default 60 s.
    package var patience: Duration = .seconds(60)
    /// The limit for the lock of a table that a migration changes. Default 5 s.
    package var tableLockTimeout: Duration = .seconds(5)

    package init() {}
}
