package import FleetAccess
package import HarborFleet
package import Postgres
package import StoreCache
internal import TextFormats

/// Stores sessions in PostgreSQL, each as the SHA-256 of its id.
package struct PostgresSessionStore: SessionStore {
    private let pool: PostgresPool
    /// Updates the time of last use: when a token has too many sessions, the least recently used one is deleted.
    private let used: UsedCredentials

    package init(pool: PostgresPool) {
        self.pool = pool
        used = UsedCredentials(pool: pool, table: "sessions", select: SessionSQL.tokens)
    }

    package func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp, keeping limit: Int
    ) async throws(StoreError) -> [[UInt8]] {
        try await pool.changes { connection in
            // The lock makes two sign-ins at once count each other's session.
            let found = try await connection.query(SessionSQL.lockToken, [.text(tokenName)])
            guard let key = try found.first?.int64(0) else {
                throw StoreError(.notFound, detail: "there is no such token")
            }
            _ = try await connection.query(
                SessionSQL.add, [.text(Hexadecimal.text(hash)), .int8(key), .time(expiresAt)])
            let ended = try await connection.query(
                SessionSQL.endOldest, [.int8(key), .int8(Int64(limit))])
            return try ended.map { Hexadecimal.bytes(try $0.string(0)) }
        }
    }

    package func tokens(sessionHashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await used.tokens(sessionHashes)
    }

    package func delete(hash: [UInt8]) async throws(StoreError) {
        let hash = PostgresValue.text(Hexadecimal.text(hash))
        _ = try await storing { try await pool.change("DELETE FROM sessions WHERE hash = $1", [hash]) }
    }

    package func deleteExpired(before now: Timestamp) async throws(StoreError) {
        _ = try await upkeep(pool) {
            try await pool.query("DELETE FROM sessions WHERE expires_at < $1", [.time(now)])
        }
    }
}

private enum SessionSQL {
    static let lockToken =
        "SELECT t.token_key FROM tokens t WHERE t.name = $1 AND \(TokenSQL.isLive) FOR NO KEY UPDATE"

    static let add = "INSERT INTO sessions (hash, token_key, expires_at) VALUES ($1, $2, $3)"

    /// Keeps the `$2` most recently used sessions. A session that was never used counts as used when it was
    /// created.
    static let endOldest = """
        DELETE FROM sessions WHERE hash IN (
            SELECT hash FROM sessions WHERE token_key = $1
            ORDER BY coalesce(last_used_at, created_at) DESC, created_at DESC, hash OFFSET $2)
        RETURNING hash
        """

    static let tokens = """
        \(TokenSQL.select(expiresAt: "least(t.expires_at, s.expires_at)", hash: "s.hash"))
        JOIN sessions s USING (token_key)
        WHERE s.hash = ANY($1) AND s.revoked_at IS NULL AND s.expires_at > now() AND \(TokenSQL.isLive)
        """
}
