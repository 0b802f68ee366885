internal import Postgres

/// Changes that somebody is told of: their commit waits for the disk, whatever the database's default is. Said in each
/// transaction, since a PgBouncer hands its sessions around. A setting that waits for more than `on` stays.
enum DurableChange {
    static let statement = PostgresStatement(
        """
        SELECT set_config('synchronous_commit', 'on', true)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        """)
}

extension PostgresPool {
    /// Runs one statement, durably.
    func change(
        _ sql: String, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        let results = try await unit([DurableChange.statement, PostgresStatement(sql, parameters)])
        guard results.count == 2 else {
            throw PostgresError(.decoding, "the statement had no result")
        }
        return results[1]
    }

    /// Runs `body` in a transaction, durably.
    func changes<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        try await transaction { connection in
            _ = try await connection.unit([DurableChange.statement])
            return try await body(connection)
        }
    }
}
