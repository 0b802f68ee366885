package import FleetAccess
package import HarborFleet
package import Postgres
package import StoreCache
internal import TextFormats

/// Sessions in PostgreSQL, as the SHA-256 of their id.
package struct PostgresSessionStore: SessionStore {
    private let pool: PostgresPool
    private let clock: any WallClock
    private let lastUsed = UseThrottle<[UInt8]>()

    /// - Parameter clock: decides when a use is worth writing down again.
    package init(pool: PostgresPool, clock: any WallClock = SystemWallClock()) {
        self.pool = pool
        self.clock = clock
    }

    package func create(
        hash: [UInt8], tokenName: String, expiresAt: Timestamp, keeping limit: Int
    ) async throws(StoreError) -> [[UInt8]] {
        try await storing {
            try await pool.changes { connection in
                // Locked, so that two sign-ins at once count each other.
                let found = try await connection.query(SessionSQL.lockToken, [.text(tokenName)])
                guard let key = try found.first?.int64(0) else {
                    throw StoreError(.notFound, detail: "there is no such token")
                }
                _ = try await connection.query(
                    SessionSQL.add,
                    [
                        .text(Hexadecimal.text(hash)), .int8(key),
                        .timestamptz(milliseconds: expiresAt.milliseconds),
                    ])
                let ended = try await connection.query(
                    SessionSQL.endOldest, [.int8(key), .int8(Int64(limit))])
                return try ended.map { Hexadecimal.bytes(try $0.string(0)) }
            }
        }
    }

    package func tokens(sessionHashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await storing {
            let texts = PostgresValue.textArray(sessionHashes.map { Hexadecimal.text($0) })
            let tokens = try Token.byHash(try await pool.query(SessionSQL.tokens, [texts]))
            await noteUse(of: Array(tokens.keys))
            return tokens
        }
    }

    /// The least recently used one goes when a token has too many.
    private func noteUse(of hashes: [[UInt8]]) async {
        let now = clock.now()
        let due = hashes.filter { lastUsed.isDue($0, now: now) }
        guard !due.isEmpty else { return }
        _ = try? await pool.query(SessionSQL.noteUse, [.textArray(due.map { Hexadecimal.text($0) })])
    }

    package func delete(hash: [UInt8]) async throws(StoreError) {
        try await storing {
            _ = try await pool.change("DELETE FROM sessions WHERE hash = $1", [.text(Hexadecimal.text(hash))])
        }
    }

    package func deleteExpired(before now: Timestamp) async throws(StoreError) {
        try await upkeep(pool) {
            _ = try await pool.query(
                "DELETE FROM sessions WHERE expires_at < $1", [.timestamptz(milliseconds: now.milliseconds)])
        }
    }
}

private enum SessionSQL {
    static let lockToken =
        "SELECT t.token_key FROM tokens t WHERE t.name = $1 AND \(TokenSQL.isLive) FOR NO KEY UPDATE"

    static let add = "INSERT INTO sessions (hash, token_key, expires_at) VALUES ($1, $2, $3)"

    /// Keeps the `$2` that were used last; a session that was never shown was used when it was made.
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

    /// Skips rows that others have locked.
    static let noteUse = """
        UPDATE sessions SET last_used_at = now() WHERE hash IN (
            SELECT hash FROM sessions WHERE hash = ANY($1)
                AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
            FOR UPDATE SKIP LOCKED)
        """
}
