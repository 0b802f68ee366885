internal import HarborFleet
package import Postgres
package import StoreCache
internal import Synchronization

/// Deletes what removed vehicles and fleets have left behind, in short transactions.
///
/// A vehicle may have millions of fixes: a transaction deletes the oldest few thousand of one vehicle, and with the last
/// of them the vehicle. Whatever interrupts it undoes one slice at most. Two servers that sweep at once take different
/// vehicles, and each may go on with what the other began.
package final class RemovalSweeper: Sendable {
    /// Up to where a vehicle's fixes are gone; nil when the vehicle is gone too.
    private struct Place {
        let vehicleKey: Int64
        let end: Timestamp?
    }

    /// At most. A server works at the lowest keys that no other server has locked, so a few are enough.
    private static let knownPlaces = 64
    /// For one statement.
    private static let timeout: Duration = .seconds(60)

    private let pool: PostgresPool
    private let partitions: PartitionSpans
    private let settleTime: Duration
    private let fixesPerSlice: Int
    /// The ends of `Place`, by vehicle. Without them each slice would read past all that were deleted before, and with
    /// that of the last vehicle alone two servers that take turns at two vehicles would both begin anew each time. They
    /// outlive a sweep: one sweep need not reach the end of a vehicle.
    private let ends = Mutex<[Int64: Timestamp]>([:])

    /// - Parameters:
    ///   - settleTime: how long a removal is left alone. Default 60 s: commits that were under way have ended by then,
    ///     so that nothing is written behind the sweep, and servers have asked what was removed.
    ///   - fixesPerSlice: of one transaction. Default 2,000: some milliseconds, or seconds on a slow disk.
    package init(
        pool: PostgresPool, settleTime: Duration = .seconds(60), fixesPerSlice: Int = 2_000
    ) {
        self.pool = pool
        partitions = PartitionSpans(pool: pool)
        self.settleTime = settleTime
        self.fixesPerSlice = fixesPerSlice
    }

    /// Deletes slices. Each is of one vehicle and one span of partitions, and may be empty. A vehicle with few fixes and a
    /// retention of less than a month is one slice.
    /// - Parameter slices: at most, so that the caller may pause.
    /// - Returns: the number of slices; fewer than asked for when nothing is left.
    package func sweep(slices: Int = 50) async throws(StoreError) -> Int {
        for done in 0..<max(slices, 0) {
            guard let place = try await upkeep(pool, .rows, sweepSlice) else { return done }
            note(place)
        }
        return slices
    }

    private func note(_ place: Place) {
        ends.withLock {
            // The lowest key is the one that another server has most likely finished.
            if $0.count >= Self.knownPlaces, $0[place.vehicleKey] == nil, let lowest = $0.keys.min() {
                $0[lowest] = nil
            }
            $0[place.vehicleKey] = place.end
        }
    }

    /// - Returns: nil when no vehicle is left that no other server is at.
    private func sweepSlice() async throws -> Place? {
        let spans = try await partitions.spans(of: Self.always)
        return try await pool.transaction { connection in
            let next = try await connection.query(Self.next, [.int8(settleTime.wholeMilliseconds)])
            guard let key = try next.first?.int64(0) else { return nil }
            let start = ends.withLock { $0[key] } ?? Self.always.lowerBound
            // One span a transaction: it locks the partitions that it looks at until it ends.
            let spanEnd = spans.lazy.map(\.upperBound).first { $0 > start } ?? Self.always.upperBound
            let (count, newest) = try await found(key, start..<spanEnd, connection)
            // Milliseconds are rounded down: to the next one.
            let behind = newest?.advanced(by: .milliseconds(1)) ?? start
            let end = count < fixesPerSlice ? spanEnd : behind
            let rows: [PostgresValue] = [.int8(key), .time(start), .time(end)]
            if count > 0 { _ = try await connection.query(Self.deleteFixes, rows, timeout: Self.timeout) }
            let isLast = count < fixesPerSlice && spanEnd >= Self.always.upperBound
            if isLast { _ = try await connection.query(Self.forget, [.int8(key)], timeout: Self.timeout) }
            return Place(vehicleKey: key, end: isLast ? nil : end)
        }
    }

    /// How many fixes a slice has, and when the newest of them was recorded.
    private func found(
        _ key: Int64, _ span: Range<Timestamp>, _ connection: PostgresConnection
    ) async throws -> (count: Int64, newest: Timestamp?) {
        let row = try await connection.query(
            Self.slice,
            [.int8(key), .time(span.lowerBound), .time(span.upperBound), .int8(Int64(fixesPerSlice))],
            timeout: Self.timeout)[0]
        return (try row.int64(0), try row.optionalTime(1))
    }

    /// All times that there are.
    private static let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)

    /// A vehicle that came back has another key.
    private static let next = """
        SELECT vehicle_key FROM removals WHERE removed_at <= now() - $1::bigint * interval '1 millisecond'
        ORDER BY vehicle_key LIMIT 1 FOR UPDATE SKIP LOCKED
        """

    private static let slice = """
        SELECT count(*), max(recorded_at) FROM (
            SELECT recorded_at FROM fixes WHERE vehicle_key = $1 AND recorded_at >= $2 AND recorded_at < $3
            ORDER BY recorded_at LIMIT $4
        ) s
        """

    private static let deleteFixes =
        "DELETE FROM fixes WHERE vehicle_key = $1 AND recorded_at >= $2 AND recorded_at < $3"

    private static let forget = """
        WITH unplaced AS (
            DELETE FROM vehicle_positions WHERE vehicle_key = $1
        ), forgotten AS (
            DELETE FROM vehicles WHERE vehicle_key = $1
        )
        DELETE FROM removals WHERE vehicle_key = $1
        """
}
