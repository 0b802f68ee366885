/// The statements that make fixes durable. They are sent as one unit: one implicit transaction, one round trip.
enum RecordSQL {
    /// Last of the unit. Makes its commit durable whatever the server's default is, and fails the unit (22012, a
    /// division by zero) when a fleet or vehicle was removed since the keys were learned.
    ///
    /// Last, so that no fix is committed under the key of a vehicle that is gone. The removal and the unit both lock
    /// the vehicle's position: a unit that comes second waits for the removal and then sees it here; a removal that
    /// comes second waits for the unit's commit and takes its fixes along.
    static let check = """
        SELECT set_config('synchronous_commit', 'on', true), 1 / (SELECT (removals = $1)::int FROM revision)
        """

    /// How many removals there were. Asked for before any key is.
    static let removals = "SELECT removals FROM revision"

    /// In order, so that two units that add the same vehicles do not deadlock.
    static let addVehicles = """
        INSERT INTO vehicles (fleet_key, vehicle_id)
        SELECT fleet_key, vehicle_id FROM unnest($1::bigint[], $2::text[]) AS u (fleet_key, vehicle_id)
        ORDER BY fleet_key, vehicle_id COLLATE "C"
        ON CONFLICT (fleet_key, vehicle_id) WHERE removed_at IS NULL DO NOTHING
        """

    /// The keys of the vehicles that were new to us, whoever added them. A statement of its own, since a statement
    /// does not see what its own CTEs insert.
    static let vehicleKeys = """
        SELECT v.fleet_key, v.vehicle_id, v.vehicle_key
        FROM unnest($1::bigint[], $2::text[]) AS u (fleet_key, vehicle_id)
        JOIN vehicles v ON v.fleet_key = u.fleet_key AND v.vehicle_id = u.vehicle_id AND v.removed_at IS NULL
        """

    /// Fixes, positions and receipts. Returns the ordinals of the accepted fixes.
    ///
    /// Fixes are inserted in the order of their key, and positions in the order of vehicles: two units with the
    /// same keys in opposite order would deadlock. Of one key in several fixes the first ordinal counts. A position
    /// moves only to a newer fix, and to one of several: an upsert with two rows of one vehicle fails (21000).
    static let record = """
        WITH vehicle AS MATERIALIZED (
            SELECT u.place, u.fleet_key, coalesce(u.vehicle_key, (
                SELECT v.vehicle_key FROM vehicles v
                WHERE v.fleet_key = u.fleet_key AND v.vehicle_id = u.vehicle_id AND v.removed_at IS NULL
                )) AS vehicle_key
            FROM unnest($1::bigint[], $2::text[], $3::bigint[])
                WITH ORDINALITY AS u (fleet_key, vehicle_id, vehicle_key, place)
        ), post AS MATERIALIZED (
            SELECT * FROM unnest($19::uuid[], $20::bigint[], $21::text[], $22::text[], $23::timestamptz[],
                    $24::bigint[], $25::bytea[], $26::int[])
                WITH ORDINALITY AS u (post_id, fleet_key, partner_id, webhook_id, received_at, body_bytes,
                    body_hash, fixes, place)
        ), chosen AS MATERIALIZED (
            SELECT DISTINCT ON (v.vehicle_key, i.recorded_at)
                i.ordinal, i.post AS post_place, p.post_id, v.vehicle_key, v.fleet_key, i.recorded_at,
                i.received_at, i.lat, i.lng, i.speed_mps, i.heading_deg, i.altitude_m, i.accuracy_m,
                i.derived_speed_mps, i.is_moving, i.slow_recorded_at, i.slow_received_at,
                i.attributes::json AS attributes
            FROM unnest($4::int[], $5::int[], $6::timestamptz[], $7::timestamptz[], $8::float8[], $9::float8[],
                    $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::bool[],
                    $16::timestamptz[], $17::timestamptz[], $18::text[])
                WITH ORDINALITY AS i (vehicle, post, recorded_at, received_at, lat, lng, speed_mps, heading_deg,
                    altitude_m, accuracy_m, derived_speed_mps, is_moving, slow_recorded_at, slow_received_at,
                    attributes, ordinal)
            JOIN vehicle v ON v.place = i.vehicle
            JOIN post p ON p.place = i.post
            ORDER BY v.vehicle_key, i.recorded_at, i.ordinal
        ), inserted AS (
            INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg,
                altitude_m, accuracy_m, derived_speed_mps, attributes, post_id)
            SELECT vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m,
                accuracy_m, derived_speed_mps, attributes, post_id
            FROM chosen ORDER BY vehicle_key, recorded_at
            ON CONFLICT DO NOTHING
            RETURNING vehicle_key, recorded_at
        ), accepted AS MATERIALIZED (
            SELECT chosen.* FROM chosen JOIN inserted USING (vehicle_key, recorded_at)
        ), newest AS (
            SELECT DISTINCT ON (vehicle_key) * FROM accepted ORDER BY vehicle_key, recorded_at DESC
        ), moved AS (
            INSERT INTO vehicle_positions AS p (vehicle_key, fleet_key, recorded_at, received_at, lat, lng,
                speed_mps, heading_deg, altitude_m, accuracy_m, derived_speed_mps, is_moving, slow_recorded_at,
                slow_received_at, attributes, post_id)
            SELECT vehicle_key, fleet_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg,
                altitude_m, accuracy_m, derived_speed_mps, is_moving, slow_recorded_at, slow_received_at, attributes,
                post_id
            FROM newest ORDER BY vehicle_key
            ON CONFLICT (vehicle_key) DO UPDATE SET
                recorded_at = excluded.recorded_at, received_at = excluded.received_at, lat = excluded.lat,
                lng = excluded.lng, speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg,
                altitude_m = excluded.altitude_m, accuracy_m = excluded.accuracy_m,
                derived_speed_mps = excluded.derived_speed_mps, is_moving = excluded.is_moving,
                slow_recorded_at = excluded.slow_recorded_at, slow_received_at = excluded.slow_received_at,
                attributes = excluded.attributes, post_id = excluded.post_id
            WHERE p.recorded_at < excluded.recorded_at
        ), receipt AS (
            INSERT INTO receipts (post_id, fleet_key, partner_id, webhook_id, received_at, body_bytes, body_hash,
                accepted, duplicates, node_id)
            SELECT p.post_id, p.fleet_key, p.partner_id, p.webhook_id, p.received_at, p.body_bytes, p.body_hash,
                coalesce(a.accepted, 0), p.fixes - coalesce(a.accepted, 0), $27::bigint
            FROM post p
            LEFT JOIN (SELECT post_place, count(*) AS accepted FROM accepted GROUP BY post_place) a
                ON a.post_place = p.place
            ORDER BY p.post_id
        )
        SELECT coalesce(array_agg(ordinal::int), '{}') FROM accepted
        """

    /// The counts of posts that are stored already.
    static let receipts = "SELECT post_id, accepted, duplicates FROM receipts WHERE post_id = ANY ($1)"

    /// The keys of fleets that are there.
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
