package import HarborFleet
package import Postgres

/// Sessions in PostgreSQL, as the SHA-256 of their id.
package struct PostgresSessionStore: SessionStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    package func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp
    ) async throws(StoreError) {
        let count = try await storing {
            try await pool.change(
                """
                INSERT INTO sessions (hash, token_key, expires_at)
                SELECT $1, t.token_key, $3 FROM tokens t WHERE t.name = $2 AND \(TokenSQL.isLive)
                """,
                [
                    .text(Hexadecimal.text(hash)), .text(tokenName),
                    .timestamptz(milliseconds: expiresAt.milliseconds),
                ]
            ).affectedRows
        }
        guard count > 0 else { throw StoreError(.notFound, detail: "there is no such token") }
    }

    package func token(sessionHash: [UInt8]) async throws(StoreError) -> Token? {
        try await storing {
            let rows = try await pool.query(
                """
                \(TokenSQL.select(expiresAt: "least(t.expires_at, s.expires_at)")) JOIN sessions s USING (token_key)
                WHERE s.hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND \(TokenSQL.isLive)
                """, [.text(Hexadecimal.text(sessionHash))])
            return try rows.first.flatMap { row in try Token(row) }
        }
    }

    package func delete(hash: [UInt8]) async throws(StoreError) {
        try await storing {
            _ = try await pool.change("DELETE FROM sessions WHERE hash = $1", [.text(Hexadecimal.text(hash))])
        }
    }

    package func deleteExpired(before now: Timestamp) async throws(StoreError) {
        try await storing {
            _ = try await pool.query(
                "DELETE FROM sessions WHERE expires_at < $1", [.timestamptz(milliseconds: now.milliseconds)])
        }
    }
}
