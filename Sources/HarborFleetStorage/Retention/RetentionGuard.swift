package import HarborFleet
package import Postgres
package import StoreCache

/// What deletions by age go by.
package struct RetentionHorizon: Sendable, Equatable {
    /// What was past its retention at this time may go. Never ahead of the server's clock.
    package var now: Timestamp
    /// The longest retention of fixes, in days, of the servers that were seen lately.
    package var fixDays: Int
    /// Likewise of receipts.
    package var receiptDays: Int
    /// Why `now` stays behind the clocks; nil when it does not.
    package var doubt: String?
}

/// Keeps a wrong clock, and a server with a shorter retention than another's, from deleting what is to be kept.
///
/// The database holds the last time that was believed (`RetentionClock`), by its own clock, since all servers share that
/// one, and the retentions of all servers. Each run writes down this server's.
package struct RetentionGuard: Sendable {
    /// How long a server that is not seen any more is heeded. More than the clock may leap at once, so that no server
    /// that was there at the last run is forgotten by such a leap.
    private static let memory: Duration = RetentionClock.tolerance + .seconds(86_400)

    private let server: String
    let fixDays: Int
    private let receiptDays: Int

    /// - Parameters:
    ///   - server: a name of this process's own.
    ///   - fixDays: how long this server is to keep fixes.
    ///   - receiptDays: and receipts.
    package init(server: String, fixDays: Int, receiptDays: Int) {
        self.server = server
        self.fixDays = fixDays
        self.receiptDays = receiptDays
    }

    /// Takes this server's retentions out: it is stopped, and who starts it again says anew what to keep. Not where others
    /// were seen too, which might go by their own before it is back, nor while the clock is doubted.
    /// - Parameter limit: for all of it.
    package func withdraw(from pool: PostgresPool, within limit: Duration) async throws(StoreError) {
        try await storing {
            _ = try await pool.query(
                """
                DELETE FROM retentions WHERE server = $1 AND NOT EXISTS (SELECT FROM retentions WHERE server <> $1)
                    AND NOT EXISTS (SELECT FROM retention_clock WHERE doubted_at IS NOT NULL)
                """, [.text(server)], timeout: limit)
        }
    }

    /// Reads the database's clock, and says what may be deleted.
    /// - Parameter now: by this server's clock.
    package func horizon(
        now: Timestamp, on connection: PostgresConnection
    ) async throws(StoreError) -> RetentionHorizon {
        try await upkeep(connection) { try await read(now, connection) }
    }

    private func read(_ now: Timestamp, _ connection: PostgresConnection) async throws -> RetentionHorizon {
        try await connection.transaction { connection in
            // A server that stands still here would make all others wait.
            _ = try await connection.query(
                "SELECT set_config('idle_in_transaction_session_timeout', '10s', true)")
            var clock = try await Self.lockedClock(connection)
            // A statement of its own: it may have been waited for the row.
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

    /// The row is locked: servers read the clock one after the other.
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

    /// Notes that this server was seen, and finds the longest retentions.
    /// - Parameters:
    ///   - time: by the database's clock, believed or not: by the same one the others were seen meanwhile.
    ///   - isDoubted: then nobody is forgotten.
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

    /// Servers that were seen in what has turned out to be the future were seen now.
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
