/// Brings a database's schema up to date: the migrations it lacks, in order, each in a transaction, under one
/// advisory lock, so that servers that start together do not collide.
///
///     let migrator = Migrator(migrations)
///     let applied = try await migrator.apply(on: connection)
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let timeout: Duration

    /// "HFLT" and "MIGR" as two 32-bit numbers; anything that no other lock of the database uses.
    private static let lockKey: Int64 = 0x4846_4C54_4D49_4752

    /// - Parameter timeout: for each migration, and for waiting for another migrator. Default 10 minutes.
    package init(_ migrations: [Migration], timeout: Duration = .seconds(600)) {
        self.migrations = migrations
        self.timeout = timeout
    }

    /// Applies what is pending.
    /// - Parameter connection: not one through a PgBouncer, since the lock belongs to the session.
    /// - Returns: what was applied, in order; empty when the schema was up to date.
    package func apply(on connection: PostgresConnection) async throws(MigrationError) -> [Migration] {
        try await database { () async throws(PostgresError) in
            _ = try await connection.query(
                "SELECT pg_advisory_lock($1)", [.int8(Self.lockKey)], timeout: timeout)
            try await connection.execute(script: Self.createTable)
        }
        let outcome = await locked(connection)
        _ = try? await connection.query("SELECT pg_advisory_unlock($1)", [.int8(Self.lockKey)])
        return try outcome.get()
    }

    /// Where each migration stands. Changes nothing, and so takes a database that has no table of them yet.
    package func status(on connection: PostgresConnection) async throws(MigrationError) -> [MigrationStatus] {
        let exists = try await database { () async throws(PostgresError) in
            let rows = try await connection.query("SELECT to_regclass('schema_migrations') IS NOT NULL")
            return try rows[0].bool(0)
        }
        let applied = exists ? try await record(on: connection) : []
        return try MigrationPlan(known: migrations, applied: applied).status
    }

    private func locked(_ connection: PostgresConnection) async -> Result<[Migration], MigrationError> {
        do {
            let applied = try await record(on: connection)
            let pending = try MigrationPlan(known: migrations, applied: applied).pending
            for migration in pending { try await apply(migration, on: connection) }
            return .success(pending)
        } catch {
            return .failure(error)
        }
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) async throws(MigrationError)
    {
        do {
            try await connection.execute(script: "BEGIN")
            try await connection.execute(script: migration.sql, timeout: timeout)
            _ = try await connection.query(
                """
                INSERT INTO schema_migrations (number, name, checksum, applied_at, oldest_binary)
                VALUES ($1, $2, $3, clock_timestamp(), $4)
                """,
                [
                    .int8(Int64(migration.number)), .text(migration.name), .text(migration.checksum),
                    .int8(Int64(migration.oldestBinary)),
                ])
            try await connection.execute(script: "COMMIT")
        } catch {
            _ = try? await connection.execute(script: "ROLLBACK")
            throw .failed(number: migration.number, name: migration.name, error)
        }
    }

    private func record(on connection: PostgresConnection) async throws(MigrationError) -> [AppliedMigration]
    {
        try await database { () async throws(PostgresError) in
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
        _ body: () async throws(PostgresError) -> Value
    ) async throws(MigrationError) -> Value {
        do {
            return try await body()
        } catch {
            throw .database(error)
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
