internal import FleetAccess
internal import HarborFleet
internal import Postgres
internal import StoreCache
internal import TextFormats

/// Finds the tokens behind credentials that were shown, and writes down that they were used.
struct UsedCredentials: Sendable {
    let pool: PostgresPool
    /// Where the credentials are, by `hash`, with `last_used_at`.
    let table: String
    /// Selects the live tokens behind hashes, see `TokenSQL.select`.
    let select: String
    /// Decides when a use is worth writing down again.
    let lastUsed = UseThrottle<[UInt8]>()

    func tokens(_ hashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await storing {
            let tokens = try Token.byHash(try await pool.query(select, [Self.texts(hashes)]))
            let now = SystemWallClock().now()
            let due = tokens.keys.filter { lastUsed.isDue($0, now: now) }
            // A database that reads only is no reason to turn its readers away.
            if !due.isEmpty { _ = try? await pool.query(noteUse, [Self.texts(due)]) }
            return tokens
        }
    }

    /// Writes down the use of hashes. Skips rows that others have locked.
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
