package import HarborFleet
package import Postgres
package import StoreCache

/// Stores fleets in PostgreSQL.
package struct PostgresFleetStore: FleetStore {
    private let pool: PostgresPool
    private let revisionPool: PostgresPool

    /// - Parameter revisionPool: a pool with a connection for the revision alone; nil for a command, which does not
    ///   poll the revision.
    package init(pool: PostgresPool, revisionPool: PostgresPool? = nil) {
        self.pool = pool
        self.revisionPool = revisionPool ?? pool
    }

    package func fleets() async throws(StoreError) -> [Fleet] {
        try await pool.list(Self.select, [], Self.fleet)
    }

    package func fleets(_ ids: [FleetID]) async throws(StoreError) -> [FleetID: Fleet] {
        let fleets = try await pool.list(
            Self.select + " AND fleet_id = ANY($1)", [.textArray(ids.map(\.rawValue))], Self.fleet)
        return Dictionary(fleets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static let select = "SELECT fleet_id, name, fleet_key FROM fleets WHERE removed_at IS NULL"

    /// This statement is polled, so it also shows whether the database responds and accepts writes. When the database
    /// does not respond, the pool for queries learns that at once.
    package func revision() async throws(StoreError) -> Int64 {
        try await storing {
            do throws(PostgresError) {
                let rows = try await revisionPool.probe(
                    "SELECT number, current_setting('transaction_read_only')::bool FROM revision",
                    readOnlyColumn: 1, timeout: Self.revisionTimeout)
                return try rows[0].int64(0)
            } catch {
                if error.kind == .timeout, revisionPool !== pool { pool.databaseGaveNoAnswer(error) }
                throw error
            }
        }
    }

    /// The statement reads one row. A database that needs longer counts as unavailable.
    private static let revisionTimeout: Duration = .seconds(2)

    package func add(_ fleet: Fleet) async throws(StoreError) {
        let values: [PostgresValue] = [.text(fleet.id.rawValue), .text(fleet.name)]
        _ = try await storing {
            try await pool.change("INSERT INTO fleets (fleet_id, name) VALUES ($1, $2)", values)
        }
    }

    package func removeFleet(_ id: FleetID) async throws(StoreError) {
        try await pool.changes { connection in
            let found = try await connection.query(RemovalSQL.lockFleet, [.text(id.rawValue)])
            guard let key = try found.first?.int64(0) else {
                throw StoreError(.notFound, detail: "there is no such fleet")
            }
            // Removing the vehicles of a very large fleet takes long.
            _ = try await connection.query(RemovalSQL.removeFleet, [.int8(key)], timeout: .seconds(60))
        }
    }

    package func removeVehicle(_ id: VehicleID, of fleetID: FleetID) async throws(StoreError) {
        try await pool.changes { connection in
            let found = try await connection.query(
                RemovalSQL.lockVehicle, [.text(fleetID.rawValue), .text(id.rawValue)])
            guard let key = try found.first?.int64(0) else {
                throw StoreError(.notFound, detail: "there is no such vehicle")
            }
            _ = try await connection.query(RemovalSQL.removePosition, [.int8(key)])
            _ = try await connection.query(RemovalSQL.removeVehicle, [.int8(key)])
        }
    }

    package func recentRemovals(within period: Duration) async throws(StoreError) -> [VehicleRemoval] {
        try await pool.list(RemovalSQL.recent, [.int8(period.wholeMilliseconds)]) { try VehicleRemoval($0) }
    }

    private static func fleet(_ row: PostgresRow) throws -> Fleet? {
        guard let id = FleetID(try row.string(0)) else { return nil }
        return Fleet(id: id, name: try row.string(1), incarnation: try row.int64(2))
    }
}

extension VehicleRemoval {
    /// Decodes a row of `RemovalSQL.recent`; nil when an id is invalid.
    fileprivate init?(_ row: PostgresRow) throws {
        guard let vehicleID = VehicleID(try row.string(0)), let fleetID = FleetID(try row.string(14)) else {
            return nil
        }
        self.init(
            fleetID: fleetID, vehicleID: vehicleID,
            removedAt: try row.time(15),
            newest: try row.isNull(1) ? nil : StoredFix(row))
    }
}
