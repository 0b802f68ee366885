/// Runs statements: a connection, or a pool on any of its connections.
package protocol PostgresQuerying: Sendable {
    /// Runs statements as one transaction in one round trip: either all take effect, or none.
    /// - Parameter timeout: for everything, including a pool's wait for a connection; nil is the configuration's
    ///   value.
    /// - Returns: the rows of each statement.
    func unit(
        _ statements: [PostgresStatement], timeout: Duration?
    ) async throws(PostgresError) -> [PostgresRows]
}

extension PostgresQuerying {
    /// Runs one statement in a transaction of its own, or in the one that is open on the connection.
    package func query(
        _ sql: String, _ parameters: [PostgresValue] = [], timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        let rows = try await unit([PostgresStatement(sql, parameters)], timeout: timeout)
        guard let first = rows.first else { throw PostgresError(.decoding, "the statement had no result") }
        return first
    }
}
