package import Postgres

extension PostgresQuerying {
    /// The one number that a statement returns.
    package func number(_ sql: String) async throws(PostgresError) -> Int64 {
        try await query(sql)[0].int64(0)
    }

    /// The one text that a statement returns.
    package func text(_ sql: String) async throws(PostgresError) -> String {
        try await query(sql)[0].string(0)
    }
}
