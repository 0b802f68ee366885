internal import HarborFleet
package import Postgres
package import StoreCache
internal import Synchronization

/// Deletes the data of removed vehicles and fleets in short transactions.
///
/// A vehicle may have millions of fixes. A transaction deletes the oldest few thousand fixes of one vehicle, and
/// the last one deletes the vehicle too. An interruption undoes at most one slice. Two servers that sweep at once
/// take different vehicles, and each can continue what the other began.
package final class RemovalSweeper: Sendable {
    /// The time up to which a vehicle's fixes are deleted; nil when the vehicle is deleted too.
    private struct Place {
        let vehicleKey: Int64
        let end: Timestamp?
    }

    /// The maximum number of remembered places. A server works on the lowest keys that no other server has locked,
    /// so a few are enough.
    private static let knownPlaces = 64
    /// The time limit of one statement.
    private static let timeout: Duration = .seconds(60)

    private let pool: PostgresPool
    private let partitions: PartitionSpans
    private let settleTime: Duration
    private let fixesPerSlice: Int
    /// The ends of `Place`, by vehicle. Without them each slice would read past all rows that were deleted before.
    /// Remembering only the last vehicle is not enough: two servers that alternate between two vehicles would both
    /// start again each time. The ends outlive a sweep, because one sweep may not reach the end of a vehicle.
    private let ends = Mutex<[Int64: Timestamp]>([:])

    /// - Parameters:
    ///   - settleTime: how long a removal is left alone. Default 60 s: by then commits in progress have ended, so
    ///     nothing is written behind the sweep, and servers have learned of the removal.
    ///   - fixesPerSlice: the number of fixes in one transaction. Default 2,000: some milliseconds, or seconds on a
    ///     slow disk.
    package init(
        pool: PostgresPool, settleTime: Duration = .seconds(60), fixesPerSlice: Int = 2_000
    ) {
        self.pool = pool
        partitions = PartitionSpans(pool: pool)
        self.settleTime = settleTime
        self.fixesPerSlice = fixesPerSlice
    }

    /// Deletes slices. Each slice belongs to one vehicle and one span of partitions, and may be empty. A vehicle
    /// with few fixes and a retention of less than a month is one slice.
    /// - Parameter slices: the maximum number of slices, so that the caller may pause.
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
            // The vehicle with the lowest key is the one that another server has most likely finished.
            if $0.count >= Self.knownPlaces, $0[place.vehicleKey] == nil, let lowest = $0.keys.min() {
                $0[lowest] = nil
            }
            $0[place.vehicleKey] = place.end
        }
    }

    /// - Returns: nil when no vehicle is left that is not locked by another server.
    private func sweepSlice() async throws -> Place? {
        let spans = try await partitions.spans(of: Self.always)
        return try await pool.transaction { connection in
            let next = try await connection.query(Self.next, [.int8(settleTime.wholeMilliseconds)])
            guard let key = try next.first?.int64(0) else { return nil }
            let start = ends.withLock { $0[key] } ?? Self.always.lowerBound
            // One span per transaction, because the transaction locks the partitions that it reads until it ends.
            let spanEnd = spans.lazy.map(\.upperBound).first { $0 > start } ?? Self.always.upperBound
            let (count, newest) = try await found(key, start..<spanEnd, connection)
            // Milliseconds are rounded down, so the slice ends one millisecond later.
            let behind = newest?.advanced(by: .milliseconds(1)) ?? start
            let end = count < fixesPerSlice ? spanEnd : behind
            let rows: [PostgresValue] = [.int8(key), .time(start), .time(end)]
            if count > 0 { _ = try await connection.query(Self.deleteFixes, rows, timeout: Self.timeout) }
            let isLast = count < fixesPerSlice && spanEnd >= Self.always.upperBound
            if isLast { _ = try await connection.query(Self.forget, [.int8(key)], timeout: Self.timeout) }
            return Place(vehicleKey: key, end: isLast ? nil : end)
        }
    }

    /// Returns the number of fixes in a slice, and the time at which the newest of them was recorded.
    private func found(
        _ key: Int64, _ span: Range<Timestamp>, _ connection: PostgresConnection
    ) async throws -> (count: Int64, newest: Timestamp?) {
        let row = try await connection.query(
            Self.slice,
            [.int8(key), .time(span.lowerBound), .time(span.upperBound), .int8(Int64(fixesPerSlice))],
            timeout: Self.timeout)[0]
        return (try row.int64(0), try row.optionalTime(1))
    }

    /// All possible times.
    private static let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)

    /// A vehicle that came back has another key, so the sweep does not touch it.
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
