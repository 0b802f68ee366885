/// The statements that make fixes durable. A batch is `record` alone: one transaction, one round trip. If keys of
/// vehicles are missing, the same transaction first adds the vehicles and reads their keys.
///
/// The statements are unnamed, so that they work through a PgBouncer. `Benchmarks/ingest.py` takes the text of
/// `record` from here.
enum RecordSQL {
    /// The number of removals so far. Must be read before any key.
    static let removals = "SELECT removals FROM revision"

    /// Sorted, so that two batches that add the same vehicles do not deadlock.
    static let addVehicles = """
        INSERT INTO vehicles (fleet_key, vehicle_id)
        SELECT fleet_key, vehicle_id FROM unnest($1::bigint[], $2::text[]) AS u (fleet_key, vehicle_id)
        ORDER BY fleet_key, vehicle_id COLLATE "C"
        ON CONFLICT (fleet_key, vehicle_id) WHERE removed_at IS NULL DO NOTHING
        """

    /// The keys of the vehicles that this process did not know, no matter which process added them.
    static let vehicleKeys = """
        SELECT v.fleet_key, v.vehicle_id, v.vehicle_key
        FROM unnest($1::bigint[], $2::text[]) AS u (fleet_key, vehicle_id)
        JOIN vehicles v ON v.fleet_key = u.fleet_key AND v.vehicle_id = u.vehicle_id AND v.removed_at IS NULL
        """

    /// Stores fixes, positions and receipts with a database function. Its file documents the parameters and the
    /// result.
    static let record = """
        SELECT \(StorageMigrations.recordFixes.name)($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
            $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
        """

    /// The SQLSTATE with which `record` fails when a fleet or vehicle was removed after the keys were learned.
    static let removedState = "HF001"

    /// The counts of posts that are already stored.
    static let receipts = "SELECT post_id, accepted, duplicates FROM receipts WHERE post_id = ANY ($1)"

    /// The keys of fleets that exist.
    static let fleetKeys = """
        SELECT fleet_id, fleet_key FROM fleets WHERE fleet_id = ANY ($1) AND removed_at IS NULL
        """

    /// The newest fix of each vehicle of a fleet.
    static let newestFixes = """
        SELECT v.vehicle_id, p.recorded_at, p.received_at, p.lat, p.lng, p.speed_mps, p.heading_deg, p.altitude_m,
            p.accuracy_m, p.derived_speed_mps, p.attributes::text, p.is_moving, p.slow_recorded_at, p.slow_received_at
        FROM fleets f
        JOIN vehicle_positions p ON p.fleet_key = f.fleet_key
        JOIN vehicles v ON v.vehicle_key = p.vehicle_key
        WHERE f.fleet_id = $1 AND f.removed_at IS NULL AND v.removed_at IS NULL
        """
}
