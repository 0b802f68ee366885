internal import FleetAccess
internal import HarborFleet
internal import Postgres
internal import StoreCache
internal import TextFormats

/// Finds the tokens of presented credentials, and records that they were used.
struct UsedCredentials: Sendable {
    let pool: PostgresPool
    /// The table of the credentials, with the columns `hash` and `last_used_at`.
    let table: String
    /// Selects the valid tokens of hashes, see `TokenSQL.select`.
    let select: String
    /// Decides when a use must be recorded again.
    let lastUsed = UseThrottle<[UInt8]>()

    func tokens(_ hashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await storing {
            let tokens = try Token.byHash(try await pool.query(select, [Self.texts(hashes)]))
            let now = SystemWallClock().now()
            let due = tokens.keys.filter { lastUsed.isDue($0, now: now) }
            // A read-only database must not keep readers out, so a failure to record the use is ignored.
            if !due.isEmpty { _ = try? await pool.query(noteUse, [Self.texts(due)]) }
            return tokens
        }
    }

    /// Records the use of hashes. Skips rows that other transactions have locked.
    private var noteUse: String {
        """
        UPDATE \(table) SET last_used_at = now() WHERE hash IN (
            SELECT hash FROM \(table) WHERE hash = ANY($1)
                AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
            FOR UPDATE SKIP LOCKED)
        """
    }

    private static func texts(_ hashes: [[UInt8]]) -> PostgresValue {
        .textArray(hashes.map { Hexadecimal.text($0) })
    }
}
