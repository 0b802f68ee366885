package import HarborFleet
package import Postgres
package import StoreCache

/// Reads tracks from PostgreSQL, page by page along the primary key of `fixes`.
///
/// The store uses neither a cursor nor a single long statement. Both would hold a connection, a transaction and its
/// snapshot for as long as the slowest client reads, and a cursor does not survive a PgBouncer in transaction mode.
/// The price: a late fix that is stored behind the position already read is not part of the track.
package struct PostgresTrackStore: TrackStore {
    private let pool: PostgresPool
    private let partitions: PartitionSpans
    private let fixesPerLook: Int

    /// - Parameter fixesPerLook: the number of fixes that one statement examines for the antimeridian. Default
    ///   10,000: this occupies a connection for some milliseconds, and PostgreSQL's memory stays below its
    ///   `work_mem`.
    package init(pool: PostgresPool, fixesPerLook: Int = 10_000) {
        self.pool = pool
        self.fixesPerLook = max(fixesPerLook, 1)
        partitions = PartitionSpans(pool: pool)
    }

    package func vehicle(
        _ id: VehicleID, of fleetID: FleetID
    ) async throws(StoreError) -> VehicleLookUp {
        try await storing {
            let rows = try await pool.query(
                TrackSQL.vehicle, [.text(fleetID.rawValue), .text(id.rawValue)])
            guard let row = rows.first else { return .unknownFleet }
            guard let key = try row.optionalInt64(0) else { return .unknownVehicle }
            return .found(TrackedVehicle(id: id, key: key))
        }
    }

    package func fixes(
        of vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int, attributeBytes: Int
    ) async throws(StoreError) -> [StoredFix] {
        guard !period.isEmpty, limit > 0, attributeBytes > 0 else { return [] }
        return try await storing {
            var found: [StoredFix] = []
            var bytesLeft = attributeBytes
            for span in try await partitions.spans(of: period) where found.count < limit && bytesLeft > 0 {
                let rows = try await pool.query(
                    TrackSQL.fixes,
                    Self.parameters(vehicle, span) + [
                        .int8(Int64(limit - found.count)), .int8(Int64(bytesLeft)),
                    ])
                for row in rows {
                    let fix = try StoredFix(track: row, of: vehicle.id)
                    bytesLeft -= fix.fix.attributes?.count ?? 0
                    found.append(fix)
                }
            }
            return found
        }
    }

    package func crossesAntimeridian(
        _ vehicle: TrackedVehicle, in period: Range<Timestamp>, limit: Int
    ) async throws(StoreError) -> Bool {
        guard !period.isEmpty, limit > 1 else { return false }
        return try await storing {
            var look = Look(left: limit)
            for span in try await partitions.spans(of: period) {
                if try await crosses(vehicle, span, &look) { return true }
            }
            return false
        }
    }

    /// The progress of the search for the antimeridian.
    private struct Look {
        /// The number of fixes that remain to be examined.
        var left: Int
        /// The longitude of the last fix examined.
        var before: Double?
    }

    /// Searches one span, a slice at a time. Other work may use the connection between two slices.
    private func crosses(
        _ vehicle: TrackedVehicle, _ span: Range<Timestamp>, _ look: inout Look
    ) async throws -> Bool {
        var start = span.lowerBound
        while look.left > 0, start < span.upperBound {
            let size = min(look.left, fixesPerLook)
            let row = try await pool.query(
                TrackSQL.crossing,
                Self.parameters(vehicle, start..<span.upperBound) + [
                    .int8(Int64(size)), .optional(look.before) { .float8($0) },
                ])[0]
            if try row.bool(0) { return true }
            let count = Int(try row.int64(1))
            look.left -= count
            look.before = try row.optionalDouble(2) ?? look.before
            guard count == size, let newest = try row.optionalMilliseconds(3) else { return false }
            // Milliseconds are rounded down, so the next slice starts one millisecond later.
            start = Timestamp(milliseconds: newest).advanced(by: .milliseconds(1))
        }
        return false
    }

    private static func parameters(
        _ vehicle: TrackedVehicle, _ period: Range<Timestamp>
    ) -> [PostgresValue] {
        [.int8(vehicle.key), .time(period.lowerBound), .time(period.upperBound)]
    }
}

/// The statements that read tracks.
enum TrackSQL {
    /// No row means that the fleet does not exist. A row with NULL means that the vehicle does not exist.
    static let vehicle = """
        SELECT v.vehicle_key
        FROM fleets f
        LEFT JOIN vehicles v ON v.fleet_key = f.fleet_key AND v.vehicle_id = $2 AND v.removed_at IS NULL
        WHERE f.fleet_id = $1 AND f.removed_at IS NULL
        """

    /// Both bounds are known when PostgreSQL plans the statement, so it looks only at the days between them. The
    /// days are in order, so it does not start on days after the last row that is needed. Rows after the one whose
    /// attributes fill the page are not sent.
    static let fixes = """
        SELECT recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m, accuracy_m, attributes
        FROM (
            SELECT *, sum(octet_length(attributes)) OVER (
                ORDER BY recorded_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (
                SELECT recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m, accuracy_m,
                    attributes::text AS attributes
                FROM fixes WHERE vehicle_key = $1 AND recorded_at >= $2 AND recorded_at < $3
                ORDER BY recorded_at LIMIT $4
            ) rows
        ) counted
        WHERE coalesce(bytes_before, 0) < $5 ORDER BY recorded_at
        """

    /// Returns one row: whether the line through the first `$4` fixes of a period crosses the antimeridian, how
    /// many fixes these are, and the longitude and the time of the last one. Between two fixes the shorter way is
    /// assumed (RFC 7946 section 3.1.9). `$5` is the longitude of the fix before the period.
    static let crossing = """
        SELECT coalesce(bool_or(abs(lng - coalesce(before, $5)) > 180), false), count(*),
            max(lng) FILTER (WHERE after IS NULL), max(recorded_at)
        FROM (
            SELECT recorded_at, lng, lag(lng) OVER (ORDER BY recorded_at) AS before,
                lead(recorded_at) OVER (ORDER BY recorded_at) AS after
            FROM (
                SELECT recorded_at, lng FROM fixes
                WHERE vehicle_key = $1 AND recorded_at >= $2 AND recorded_at < $3
                ORDER BY recorded_at LIMIT $4
            ) rows
        ) pairs
        """
}

extension StoredFix {
    /// Decodes a row of `TrackSQL.fixes`.
    fileprivate init(track row: PostgresRow, of vehicleID: VehicleID) throws {
        let fix = try Fix(row, of: vehicleID, recordedAt: 0, measurements: 2, attributes: 8)
        self.init(fix: fix, receivedAt: try row.time(1))
    }
}
