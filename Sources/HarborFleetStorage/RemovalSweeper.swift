package import HarborFleet
package import Postgres

/// Deletes what removed vehicles and fleets have left behind, a slice at a time, and receipts past the retention.
package struct RemovalSweeper: Sendable {
    private let pool: PostgresPool
    private let timeout: Duration

    package init(pool: PostgresPool, timeout: Duration = .seconds(60)) {
        self.pool = pool
        self.timeout = timeout
    }

    /// Deletes the fixes and positions of up to `vehicles` removed vehicles.
    /// - Returns: how many were dealt with; 0 when nothing is left.
    package func sweep(vehicles: Int = 50) async throws(StoreError) -> Int {
        try await storing {
            let rows = try await pool.query(Self.sweepSQL, [.int8(Int64(vehicles))], timeout: timeout)
            return Int(try rows[0].int64(0))
        }
    }

    /// Deletes receipts of POSTs received before `time`: a range of the primary key, since ids rise with time.
    /// - Returns: how many went.
    package func deleteReceipts(before time: Timestamp) async throws(StoreError) -> Int {
        let high = UInt64(truncatingIfNeeded: max(time.milliseconds, 0)) << 16
        return try await storing {
            try await pool.query(
                "DELETE FROM receipts WHERE post_id < $1", [.uuid(PostID(high: high, low: 0).bytes)],
                timeout: timeout
            ).affectedRows
        }
    }

    /// A fix received after the removal belongs to the vehicle that came back.
    private static let sweepSQL = """
        WITH target AS MATERIALIZED (
            SELECT vehicle_key, removed_at FROM removals ORDER BY vehicle_key LIMIT $1 FOR UPDATE SKIP LOCKED
        ), unplaced AS (
            DELETE FROM vehicle_positions p USING target t
            WHERE p.vehicle_key = t.vehicle_key AND p.received_at <= t.removed_at
        ), deleted AS (
            DELETE FROM fixes f USING target t
            WHERE f.vehicle_key = t.vehicle_key AND f.received_at <= t.removed_at
        ), done AS (
            DELETE FROM removals r USING target t WHERE r.vehicle_key = t.vehicle_key
        )
        SELECT count(*) FROM target
        """
}
