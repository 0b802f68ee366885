-- What the recorder calls leaves a commit that waits for standbys to apply it (remote_apply) as it is.
-- oldest-binary: 1
--
-- The function of 0002, but for that. Its signature is the same, so that an older binary lives with it.
CREATE OR REPLACE FUNCTION record_fixes(
    known_removals bigint, node bigint,
    post_ids uuid[], post_fleets bigint[], post_partners text[], post_webhooks text[], post_received timestamptz[],
    post_bytes bigint[], post_hashes bytea[], post_fixes integer[], post_rows integer[],
    fix_posts integer[], fix_vehicles bigint[], fix_recorded timestamptz[], fix_received timestamptz[],
    fix_lat double precision[], fix_lng double precision[], fix_speed double precision[],
    fix_heading double precision[], fix_altitude double precision[], fix_accuracy double precision[],
    fix_derived double precision[], fix_attributes text[],
    position_fixes integer[], position_moving boolean[], position_slow_recorded timestamptz[],
    position_slow_received timestamptz[]
) RETURNS integer[] LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    accepted integer[] := post_rows;
    inserted bigint;
    earliest timestamptz;
    latest timestamptz;
BEGIN
    -- Whatever the default is, and the pooler's other clients have set; what waits for more than `on` stays.
    IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    -- In the order of the key: two units with the same keys in opposite order would deadlock. One that another
    -- transaction has written is left out, after that one's commit when it is under way.
    -- unnest stands in the list of columns, not in FROM, where each array would be written to a store of its own.
    INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m,
        accuracy_m, derived_speed_mps, attributes, post_id)
    SELECT unnest(fix_vehicles), unnest(fix_recorded), unnest(fix_received), unnest(fix_lat), unnest(fix_lng),
        unnest(fix_speed), unnest(fix_heading), unnest(fix_altitude), unnest(fix_accuracy), unnest(fix_derived),
        unnest(fix_attributes)::json, post_ids[unnest(fix_posts)]
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS inserted = ROW_COUNT;

    -- A row is ours when it names our post. The bounds leave the partitions alone that have none of them.
    IF inserted < cardinality(fix_vehicles) THEN
        SELECT min(t), max(t) INTO earliest, latest FROM unnest(fix_recorded) t;
        accepted := ARRAY(
            SELECT coalesce(n, 0)
            FROM generate_series(1, cardinality(post_ids)) place
            LEFT JOIN (
                SELECT post, count(*)::integer AS n
                FROM (
                    SELECT unnest(fix_posts) AS post, unnest(fix_vehicles) AS vehicle, unnest(fix_recorded) AS recorded
                ) u
                WHERE post_ids[post] = (
                    SELECT f.post_id FROM fixes f
                    WHERE f.vehicle_key = vehicle AND f.recorded_at = recorded
                        AND f.recorded_at BETWEEN earliest AND latest
                )
                GROUP BY post
            ) c ON post = place
            ORDER BY place
        );
    END IF;

    INSERT INTO receipts (post_id, fleet_key, partner_id, webhook_id, received_at, body_bytes, body_hash, accepted,
        duplicates, node_id)
    SELECT unnest(post_ids), unnest(post_fleets), unnest(post_partners), unnest(post_webhooks), unnest(post_received),
        unnest(post_bytes), unnest(post_hashes), unnest(accepted), unnest(post_fixes) - unnest(accepted), node;

    -- In the order of vehicles. A fix that was stored before moves nothing: whoever stored it moved the position to it,
    -- or further, in the same transaction; what stores fixes in another way has to keep to that. It locks the position
    -- even so: removing a vehicle deletes that, so that of a removal and a unit the second waits for the first.
    INSERT INTO vehicle_positions AS p (vehicle_key, fleet_key, recorded_at, received_at, lat, lng, speed_mps,
        heading_deg, altitude_m, accuracy_m, derived_speed_mps, is_moving, slow_recorded_at, slow_received_at,
        attributes, post_id)
    SELECT fix_vehicles[i], post_fleets[fix_posts[i]], fix_recorded[i], fix_received[i], fix_lat[i], fix_lng[i],
        fix_speed[i], fix_heading[i], fix_altitude[i], fix_accuracy[i], fix_derived[i], moving, slow_recorded,
        slow_received, fix_attributes[i]::json, post_ids[fix_posts[i]]
    FROM (
        SELECT unnest(position_fixes) AS i, unnest(position_moving) AS moving,
            unnest(position_slow_recorded) AS slow_recorded, unnest(position_slow_received) AS slow_received
    ) u
    ON CONFLICT (vehicle_key) DO UPDATE SET
        recorded_at = excluded.recorded_at, received_at = excluded.received_at, lat = excluded.lat,
        lng = excluded.lng, speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg,
        altitude_m = excluded.altitude_m, accuracy_m = excluded.accuracy_m,
        derived_speed_mps = excluded.derived_speed_mps, is_moving = excluded.is_moving,
        slow_recorded_at = excluded.slow_recorded_at, slow_received_at = excluded.slow_received_at,
        attributes = excluded.attributes, post_id = excluded.post_id
    WHERE p.recorded_at < excluded.recorded_at;

    -- Last, so that no fix is committed under the key of a vehicle that is gone: a unit that waited for a removal sees
    -- it here, and a removal that waited for the unit's commit takes its fixes along.
    IF (SELECT r.removals FROM revision r) <> known_removals THEN
        RAISE EXCEPTION 'a fleet or vehicle was removed since its key was learned' USING ERRCODE = 'HF001';
    END IF;
    RETURN accepted;
END
$$;
