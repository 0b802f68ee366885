import Postgres

extension PostgresConnection {
    /// The one number that a statement returns.
    func number(_ sql: String) async throws -> Int64 {
        let rows = try await query(sql)
        return try rows[0].int64(0)
    }

    /// The one text that a statement returns.
    func text(_ sql: String) async throws -> String {
        let rows = try await query(sql)
        return try rows[0].string(0)
    }
}
