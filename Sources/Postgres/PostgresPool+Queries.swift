/// What callers ask of a pool, from any thread.
extension PostgresPool {
    /// Lends a connection to `body`, for it alone.
    package func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire()
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// Runs one statement on any connection.
    package func query(
        _ sql: String, _ parameters: [PostgresValue] = [], timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        let lease = try await acquire()
        defer { release(lease) }
        return try await lease.connection.query(sql, parameters, timeout: timeout)
    }

    /// Runs statements as one transaction and one round trip, see `PostgresConnection.unit`.
    package func unit(
        _ statements: [PostgresStatement], timeout: Duration? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        let lease = try await acquire()
        defer { release(lease) }
        return try await lease.connection.unit(statements, timeout: timeout)
    }

    /// Runs `body` in a transaction on one connection, see `PostgresConnection.transaction`.
    package func transaction<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in try await connection.transaction(body) }
    }
}
