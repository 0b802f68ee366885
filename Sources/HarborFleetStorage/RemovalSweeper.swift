package import HarborFleet
package import Postgres

/// Deletes what removed vehicles and fleets have left behind, a slice at a time.
package struct RemovalSweeper: Sendable {
    private let pool: PostgresPool
    private let settleTime: Duration
    private let timeout: Duration

    /// - Parameter settleTime: how long a removal is left alone. Default 60 s: commits that were under way have
    ///   ended by then, so that nothing is written behind the sweep, and servers have asked what was removed.
    package init(
        pool: PostgresPool, settleTime: Duration = .seconds(60), timeout: Duration = .seconds(60)
    ) {
        self.pool = pool
        self.settleTime = settleTime
        self.timeout = timeout
    }

    /// Deletes up to `vehicles` removed vehicles with their fixes and positions.
    /// - Returns: how many were dealt with; 0 when nothing is left.
    package func sweep(vehicles: Int = 50) async throws(StoreError) -> Int {
        try await storing {
            let rows = try await pool.query(
                Self.sweepSQL, [.int8(Int64(vehicles)), .int8(settleTime.wholeMilliseconds)], timeout: timeout
            )
            return Int(try rows[0].int64(0))
        }
    }

    /// A vehicle that came back has another key.
    private static let sweepSQL = """
        WITH target AS MATERIALIZED (
            SELECT vehicle_key FROM removals WHERE removed_at <= now() - $2::bigint * interval '1 millisecond'
            ORDER BY vehicle_key LIMIT $1 FOR UPDATE SKIP LOCKED
        ), unplaced AS (
            DELETE FROM vehicle_positions p USING target t WHERE p.vehicle_key = t.vehicle_key
        ), deleted AS (
            DELETE FROM fixes f USING target t WHERE f.vehicle_key = t.vehicle_key
        ), forgotten AS (
            DELETE FROM vehicles v USING target t WHERE v.vehicle_key = t.vehicle_key
        ), done AS (
            DELETE FROM removals r USING target t WHERE r.vehicle_key = t.vehicle_key
        )
        SELECT count(*) FROM target
        """
}
