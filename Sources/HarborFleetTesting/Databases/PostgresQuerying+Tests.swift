package import Postgres

extension PostgresQuerying {
    /// The one number that a statement returns.
    package func number(_ sql: String) async throws(PostgresError) -> Int64 {
        try await query(sql)[0].int64(0)
    }

    /// Returns once a condition in SQL holds, such as that a session waits for a lock.
    ///
    /// This is a poll: PostgreSQL sends nothing when a session begins to wait, goes on or ends. Only its views show it.
    package func waitUntil(_ condition: String) async throws {
        while try await !query("SELECT \(condition)")[0].bool(0) {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The one text that a statement returns.
    package func text(_ sql: String) async throws(PostgresError) -> String {
        try await query(sql)[0].string(0)
    }
}
