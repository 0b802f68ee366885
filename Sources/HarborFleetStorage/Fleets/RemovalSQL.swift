/// The statements that remove fleets and vehicles, and that list recent removals.
///
/// A removal consists of several statements, so that each one sees what was committed while the statement before it
/// waited for its lock.
enum RemovalSQL {
    /// FOR UPDATE conflicts with the foreign key of a new vehicle. Batches that add vehicles to the fleet therefore
    /// commit before the next statement looks for them, or run after the removal.
    static let lockFleet =
        "SELECT fleet_key FROM fleets WHERE fleet_id = $1 AND removed_at IS NULL FOR UPDATE"

    static let removeFleet = """
        WITH gone AS (
            UPDATE fleets SET removed_at = clock_timestamp() WHERE fleet_key = $1 RETURNING fleet_key
        )
        INSERT INTO removals (vehicle_key, fleet_key, removed_at)
        SELECT v.vehicle_key, v.fleet_key, clock_timestamp() FROM vehicles v JOIN gone USING (fleet_key)
        ON CONFLICT (vehicle_key) DO NOTHING
        """

    static let lockVehicle = """
        SELECT v.vehicle_key FROM vehicles v JOIN fleets f USING (fleet_key)
        WHERE f.fleet_id = $1 AND f.removed_at IS NULL AND v.vehicle_id = $2 AND v.removed_at IS NULL
        FOR UPDATE OF v
        """

    /// Waits for the batches that are about to commit fixes of the vehicle, and makes later ones wait: see
    /// `RecordSQL.record`.
    static let removePosition = "DELETE FROM vehicle_positions WHERE vehicle_key = $1"

    static let removeVehicle = """
        WITH gone AS (
            UPDATE vehicles SET removed_at = clock_timestamp() WHERE vehicle_key = $1
            RETURNING vehicle_key, fleet_key, removed_at
        )
        INSERT INTO removals (vehicle_key, fleet_key, removed_at) SELECT vehicle_key, fleet_key, removed_at FROM gone
        """

    /// The last removal of each vehicle within the last `$1` milliseconds, with the newest fix of the vehicle that
    /// came back under the same id.
    static let recent = """
        SELECT DISTINCT ON (v.fleet_key, v.vehicle_id)
            v.vehicle_id, p.recorded_at, p.received_at, p.lat, p.lng, p.speed_mps, p.heading_deg, p.altitude_m,
            p.accuracy_m, p.derived_speed_mps, p.attributes::text, p.is_moving, p.slow_recorded_at, p.slow_received_at,
            f.fleet_id, v.removed_at
        FROM vehicles v
        JOIN fleets f ON f.fleet_key = v.fleet_key AND f.removed_at IS NULL
        LEFT JOIN vehicles n
            ON n.fleet_key = v.fleet_key AND n.vehicle_id = v.vehicle_id AND n.removed_at IS NULL
        LEFT JOIN vehicle_positions p ON p.vehicle_key = n.vehicle_key
        WHERE v.removed_at > now() - $1::bigint * interval '1 millisecond'
        ORDER BY v.fleet_key, v.vehicle_id, v.removed_at DESC
        """
}
