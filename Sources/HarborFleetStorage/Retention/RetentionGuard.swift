package import HarborFleet
package import Postgres
package import StoreCache

/// The limits for deletions by age.
package struct RetentionHorizon: Sendable, Equatable {
    /// Data that was past its retention at this time may be deleted. Never ahead of the server's clock.
    package var now: Timestamp
    /// The longest retention of fixes, in days, among the servers seen lately.
    package var fixDays: Int
    /// The longest retention of receipts, in days, among those servers.
    package var receiptDays: Int
    /// Why `now` stays behind the clocks; nil when it does not.
    package var doubt: String?
}

/// Protects data from being deleted too early because of a wrong clock, or by a server with a shorter retention
/// than another's.
///
/// The database stores the last believed time (`RetentionClock`) and the retentions of all servers. The time is
/// that of the database's own clock, because all servers share it. Each run records this server's retention.
package struct RetentionGuard: Sendable {
    /// How long a server that is no longer seen still counts. Must be more than the clock may leap at once, so that a
    /// server that was present at the last run still counts after such a leap.
    private static let memory: Duration = RetentionClock.tolerance + .seconds(86_400)

    private let server: String
    let fixDays: Int
    private let receiptDays: Int

    /// - Parameters:
    ///   - server: a name that is unique to this process.
    ///   - fixDays: how long this server must keep fixes, in days.
    ///   - receiptDays: how long it must keep receipts, in days.
    package init(server: String, fixDays: Int, receiptDays: Int) {
        self.server = server
        self.fixDays = fixDays
        self.receiptDays = receiptDays
    }

    /// Removes this server's retention when it stops, so that the next start may set another one. Does nothing if
    /// other servers are registered, because they might apply their own retention before this one is back, or while
    /// the clock is in doubt.
    /// - Parameter limit: the time limit for the statement.
    package func withdraw(from pool: PostgresPool, within limit: Duration) async throws(StoreError) {
        try await storing {
            _ = try await pool.query(
                """
                DELETE FROM retentions WHERE server = $1 AND NOT EXISTS (SELECT FROM retentions WHERE server <> $1)
                    AND NOT EXISTS (SELECT FROM retention_clock WHERE doubted_at IS NOT NULL)
                """, [.text(server)], timeout: limit)
        }
    }

    /// Reads the database's clock, and returns the limits for deletions.
    /// - Parameter now: the time by this server's clock.
    package func horizon(
        now: Timestamp, on connection: PostgresConnection
    ) async throws(StoreError) -> RetentionHorizon {
        try await upkeep(connection) { try await read(now, connection) }
    }

    private func read(_ now: Timestamp, _ connection: PostgresConnection) async throws -> RetentionHorizon {
        try await connection.transaction { connection in
            // A server that stalls here would make all others wait, so the database ends its transaction.
            _ = try await connection.query(
                "SELECT set_config('idle_in_transaction_session_timeout', '10s', true)")
            var clock = try await Self.lockedClock(connection)
            // A statement of its own, because the one before may have waited for the row.
            let time = try await connection.query("SELECT clock_timestamp()")[0].milliseconds(0)
            clock.read(Timestamp(milliseconds: time))
            try await Self.write(clock, connection)
            let days = try await longest(at: time, isDoubted: clock.doubt != nil, connection)
            return RetentionHorizon(
                now: min(now, Timestamp(milliseconds: time), clock.believed ?? now), fixDays: days.fixes,
                receiptDays: days.receipts,
                doubt: clock.doubt)
        }
    }

    /// Locks the row, so that servers read the clock one after the other.
    private static func lockedClock(_ connection: PostgresConnection) async throws -> RetentionClock {
        _ = try await connection.query("INSERT INTO retention_clock DEFAULT VALUES ON CONFLICT DO NOTHING")
        let row = try await connection.query(
            "SELECT believed_at, doubted_at, observed_ms FROM retention_clock FOR UPDATE")[0]
        return RetentionClock(
            believed: try row.optionalTime(0),
            doubted: try row.optionalTime(1),
            observed: .milliseconds(try row.int64(2)))
    }

    private static func write(_ clock: RetentionClock, _ connection: PostgresConnection) async throws {
        _ = try await connection.query(
            "UPDATE retention_clock SET believed_at = $1, doubted_at = $2, observed_ms = $3",
            [
                .optional(clock.believed, PostgresValue.time),
                .optional(clock.doubted, PostgresValue.time),
                .int8(clock.observed.wholeMilliseconds),
            ])
    }

    /// Records that this server was seen, and finds the longest retentions.
    /// - Parameters:
    ///   - time: the time by the database's clock, believed or not: the other servers were recorded by the same
    ///     clock.
    ///   - isDoubted: whether the clock is in doubt; no server is forgotten then.
    private func longest(
        at time: Int64, isDoubted: Bool, _ connection: PostgresConnection
    ) async throws -> (fixes: Int, receipts: Int) {
        _ = try await connection.query(Self.note, [.timestamptz(milliseconds: time)] + own)
        let since = Timestamp(milliseconds: time).advanced(by: .zero - Self.memory)
        let row = try await connection.query(
            Self.longest, [.timestamptz(milliseconds: isDoubted ? .min : since.milliseconds)])[0]
        return (max(fixDays, Int(try row.int64(0))), max(receiptDays, Int(try row.int64(1))))
    }

    private var own: [PostgresValue] { [.text(server), .int8(Int64(fixDays)), .int8(Int64(receiptDays))] }

    /// Servers that were recorded with a time that has turned out to lie in the future count as seen now.
    private static let note = """
        WITH corrected AS (
            UPDATE retentions SET seen_at = $1 WHERE seen_at > $1 AND server <> $2
        )
        INSERT INTO retentions (server, kind, days, seen_at)
        VALUES ($2, 'fixes', $3::bigint::integer, $1), ($2, 'receipts', $4::bigint::integer, $1)
        ON CONFLICT (server, kind) DO UPDATE SET days = excluded.days, seen_at = excluded.seen_at
        """

    private static let longest = """
        WITH forgotten AS (
            DELETE FROM retentions WHERE seen_at < $1
        )
        SELECT coalesce(max(days) FILTER (WHERE kind = 'fixes'), 0)::bigint,
            coalesce(max(days) FILTER (WHERE kind = 'receipts'), 0)::bigint
        FROM retentions WHERE seen_at >= $1
        """
}
