internal import Postgres
internal import StoreCache

/// Makes changes durable before they are confirmed: their commit waits for the disk, whatever the database's
/// default is. The setting is part of each transaction, because a PgBouncer shares its sessions between clients. A
/// setting that waits for more than `on` stays.
enum DurableChange {
    static let statement = PostgresStatement(
        """
        SELECT set_config('synchronous_commit', 'on', true)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        """)
}

extension PostgresPool {
    /// Runs one statement durably.
    func change(
        _ sql: String, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        let results = try await unit([DurableChange.statement, PostgresStatement(sql, parameters)])
        guard results.count == 2 else {
            throw PostgresError(.decoding, "the statement had no result")
        }
        return results[1]
    }

    /// Runs `body` durably in a transaction, with the errors of `storing`.
    func changes<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws(StoreError) -> Value {
        try await storing {
            try await transaction { connection in
                _ = try await connection.unit([DurableChange.statement])
                return try await body(connection)
            }
        }
    }

    /// Runs one statement durably that returns a count, with the errors of `storing`.
    /// - Throws: `error` when the count is 0.
    func change(
        _ sql: String, _ parameters: [PostgresValue], orThrow error: StoreError
    ) async throws(StoreError) {
        guard try await storing({ try await change(sql, parameters)[0].int64(0) }) > 0 else { throw error }
    }
}
