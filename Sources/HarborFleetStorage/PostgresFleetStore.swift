package import HarborFleet
package import Postgres

/// Fleets in PostgreSQL.
package struct PostgresFleetStore: FleetStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    package func fleets() async throws(StoreError) -> [Fleet] {
        try await storing {
            let rows = try await pool.query("SELECT fleet_id, name FROM fleets WHERE removed_at IS NULL")
            return try rows.compactMap(Self.fleet)
        }
    }

    package func fleet(_ id: FleetID) async throws(StoreError) -> Fleet? {
        try await storing {
            let rows = try await pool.query(
                "SELECT fleet_id, name FROM fleets WHERE fleet_id = $1 AND removed_at IS NULL",
                [.text(id.rawValue)])
            return try rows.first.flatMap(Self.fleet)
        }
    }

    package func revision() async throws(StoreError) -> Int64 {
        try await storing {
            let rows = try await pool.query("SELECT number FROM revision")
            return try rows[0].int64(0)
        }
    }

    package func add(_ fleet: Fleet) async throws(StoreError) {
        try await storing {
            _ = try await pool.query(
                "INSERT INTO fleets (fleet_id, name) VALUES ($1, $2)",
                [.text(fleet.id.rawValue), .text(fleet.name)])
        }
    }

    package func removeFleet(_ id: FleetID) async throws(StoreError) {
        try await remove(Self.removeFleetSQL, [.text(id.rawValue)], "there is no such fleet")
    }

    package func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) {
        try await remove(
            Self.removeVehicleSQL, [.text(fleetID.rawValue), .text(id.rawValue)], "there is no such vehicle")
    }

    private func remove(
        _ sql: String, _ parameters: [PostgresValue], _ missing: String
    ) async throws(StoreError) {
        let count = try await storing {
            // A fleet may have very many vehicles.
            try await pool.query(sql, parameters, timeout: .seconds(60))[0].int64(0)
        }
        guard count > 0 else { throw StoreError(.notFound, detail: missing) }
    }

    private static func fleet(_ row: PostgresRow) throws -> Fleet? {
        guard let id = FleetID(try row.string(0)) else { return nil }
        return Fleet(id: id, name: try row.string(1))
    }

    private static let removeFleetSQL = """
        WITH gone AS (
            UPDATE fleets SET removed_at = now() WHERE fleet_id = $1 AND removed_at IS NULL RETURNING fleet_key
        ), marked AS (
            INSERT INTO removals (vehicle_key, fleet_key)
            SELECT v.vehicle_key, v.fleet_key FROM vehicles v JOIN gone USING (fleet_key)
            ON CONFLICT (vehicle_key) DO UPDATE SET removed_at = now()
        )
        SELECT count(*) FROM gone
        """

    /// A vehicle that has a position is there, whatever its mark says: it may have come back a moment ago. The
    /// position goes first, in the order in which the recorder takes its locks.
    private static let removeVehicleSQL = """
        WITH target AS MATERIALIZED (
            SELECT v.vehicle_key, v.fleet_key FROM vehicles v JOIN fleets f USING (fleet_key)
            WHERE f.fleet_id = $1 AND f.removed_at IS NULL AND v.vehicle_id = $2 AND (v.removed_at IS NULL
                OR EXISTS (SELECT FROM vehicle_positions p WHERE p.vehicle_key = v.vehicle_key))
        ), unplaced AS (
            DELETE FROM vehicle_positions p USING target WHERE p.vehicle_key = target.vehicle_key
        ), marked AS (
            UPDATE vehicles v SET removed_at = now() FROM target WHERE v.vehicle_key = target.vehicle_key
        ), queued AS (
            INSERT INTO removals (vehicle_key, fleet_key) SELECT vehicle_key, fleet_key FROM target
            ON CONFLICT (vehicle_key) DO UPDATE SET removed_at = now()
        )
        SELECT count(*) FROM target
        """
}
