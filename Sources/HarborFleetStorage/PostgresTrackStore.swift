package import HarborFleet
package import Postgres

/// Tracks from PostgreSQL, page by page along the primary key of `fixes`.
///
/// Neither a cursor nor a single long statement: both would keep a connection, a transaction and its snapshot for as
/// long as the slowest client reads, and a cursor outlives no PgBouncer in transaction mode. The price is that a fix
/// that is late, and is stored behind the place that was read already, is not part of the track.
package struct PostgresTrackStore: TrackStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
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
            let rows = try await pool.query(
                TrackSQL.fixes,
                [
                    .int8(vehicle.key), .timestamptz(milliseconds: period.lowerBound.milliseconds),
                    .timestamptz(milliseconds: period.upperBound.milliseconds), .int8(Int64(limit)),
                    .int8(Int64(attributeBytes)),
                ])
            return try rows.map { row in try StoredFix(track: row, of: vehicle.id) }
        }
    }
}

/// The statements that read tracks.
enum TrackSQL {
    /// No row: no such fleet. A row with NULL: no such vehicle.
    static let vehicle = """
        SELECT v.vehicle_key
        FROM fleets f
        LEFT JOIN vehicles v ON v.fleet_key = f.fleet_key AND v.vehicle_id = $2 AND v.removed_at IS NULL
        WHERE f.fleet_id = $1 AND f.removed_at IS NULL
        """

    /// Both bounds are known when it is planned, so that only the days between them are looked at; and since days are
    /// in order, those behind the last row that is wanted are never begun. Rows behind the one whose attributes make
    /// the page full stay in PostgreSQL.
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
}

extension StoredFix {
    /// From a row of `TrackSQL.fixes`.
    fileprivate init(track row: PostgresRow, of vehicleID: VehicleID) throws {
        let fix = Fix(
            vehicleID: vehicleID, recordedAt: Timestamp(milliseconds: try row.milliseconds(0)),
            latitudeDegrees: try row.double(2), longitudeDegrees: try row.double(3),
            speedMetersPerSecond: try row.optionalDouble(4), headingDegrees: try row.optionalDouble(5),
            altitudeMeters: try row.optionalDouble(6), accuracyMeters: try row.optionalDouble(7),
            attributes: try row.optionalBytes(8))
        self.init(fix: fix, receivedAt: Timestamp(milliseconds: try row.milliseconds(1)))
    }
}
