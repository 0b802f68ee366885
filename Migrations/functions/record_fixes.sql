-- What the recorder calls: one transaction's posts.
--
-- A function, since its statements are parsed and planned once in each session, also behind a PgBouncer, where nothing
-- can be prepared under a name: a unit of one fix costs half as much. The binary adds a digest of this file to the
-- function's name, so that binaries with different texts use one database side by side.
--
-- post_...: one element per post; `post_rows` is how many of fix_... belong to it. fix_...: the fixes in the order of
-- (vehicle, recorded), each of these once; `fix_posts` is a place in post_.... `newest` holds the place in fix_... of
-- the newest fix of each vehicle, in the order of vehicles. An array that is NULL stands for NULLs.
--
-- Returns for each fix whether it is new; NULL when all are. Fails with HF001 when a fleet or vehicle was removed since
-- there were `known_removals`.
CREATE OR REPLACE FUNCTION record_fixes(
    known_removals bigint, node bigint,
    post_ids uuid[], post_fleets bigint[], post_partners text[], post_webhooks text[], post_received timestamptz[],
    post_bytes bigint[], post_hashes bytea[], post_fixes integer[], post_rows integer[],
    fix_posts integer[], fix_vehicles bigint[], fix_recorded timestamptz[], fix_received timestamptz[],
    fix_lat double precision[], fix_lng double precision[], fix_speed double precision[],
    fix_heading double precision[], fix_altitude double precision[], fix_accuracy double precision[],
    fix_derived double precision[], fix_attributes text[],
    fix_moving boolean[], fix_slow_recorded timestamptz[], fix_slow_received timestamptz[],
    newest integer[]
) RETURNS boolean[] LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    -- The order of fixes is that of the binary's FixOrder: one that was recorded more than this after it was received
    -- counts as recorded this long after.
    ahead CONSTANT interval := interval '30 seconds';
    accepted integer[] := post_rows;
    is_new boolean[];
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

    IF inserted < cardinality(fix_vehicles) THEN
        -- A row is ours when it names our post.
        -- Planned for these times alone: a plan for all times locks every partition, and of a long retention's these are
        -- more than PostgreSQL has room for.
        SELECT min(t), max(t) INTO earliest, latest FROM unnest(fix_recorded) t;
        EXECUTE format($query$
            SELECT array_agg(ours ORDER BY place)
            FROM (
                SELECT place, coalesce((
                    SELECT f.post_id FROM fixes f
                    WHERE f.vehicle_key = vehicle AND f.recorded_at = recorded AND %s
                ) = ($1)[post], false) AS ours
                FROM (
                    SELECT generate_subscripts($2, 1) AS place, unnest($2) AS post, unnest($3) AS vehicle,
                        unnest($4) AS recorded
                ) u
            ) s
            $query$,
            CASE WHEN latest - earliest < interval '32 days' THEN 'f.recorded_at BETWEEN $5 AND $6'
                ELSE 'f.recorded_at = ANY ($4)' END)
        INTO is_new
        USING post_ids, fix_posts, fix_vehicles, fix_recorded, earliest, latest;
        -- A repeat moves nothing: it counts as older than everything, also than what is new beside it.
        fix_received := ARRAY(
            SELECT CASE WHEN ours THEN received ELSE '-infinity' END
            FROM (
                SELECT generate_subscripts(fix_posts, 1) AS place, unnest(is_new) AS ours,
                    unnest(fix_received) AS received
            ) u
            ORDER BY place
        );
        accepted := ARRAY(
            SELECT coalesce(n, 0)
            FROM generate_series(1, cardinality(post_ids)) place
            LEFT JOIN (
                SELECT post, count(*)::integer AS n
                FROM (SELECT unnest(fix_posts) AS post, unnest(is_new) AS ours) u
                WHERE ours
                GROUP BY post
            ) c ON post = place
            ORDER BY place
        );
        newest := ARRAY(
            SELECT DISTINCT ON (vehicle) place
            FROM (
                SELECT generate_subscripts(fix_posts, 1) AS place, unnest(fix_vehicles) AS vehicle,
                    unnest(fix_recorded) AS recorded, unnest(fix_received) AS received
            ) u
            ORDER BY vehicle, least(recorded, received + ahead) DESC, recorded DESC
        );
    END IF;

    INSERT INTO receipts (post_id, fleet_key, partner_id, webhook_id, received_at, body_bytes, body_hash, accepted,
        duplicates, node_id)
    SELECT unnest(post_ids), unnest(post_fleets), unnest(post_partners), unnest(post_webhooks), unnest(post_received),
        unnest(post_bytes), unnest(post_hashes), unnest(accepted), unnest(post_fixes) - unnest(accepted), node;

    -- In the order of vehicles. A fix that moves nothing locks the position even so: removing a vehicle deletes that, so
    -- that of a removal and a unit the second waits for the first.
    INSERT INTO vehicle_positions AS p (vehicle_key, fleet_key, recorded_at, received_at, lat, lng, speed_mps,
        heading_deg, altitude_m, accuracy_m, derived_speed_mps, is_moving, slow_recorded_at, slow_received_at,
        attributes, post_id)
    SELECT fix_vehicles[i], post_fleets[fix_posts[i]], fix_recorded[i], fix_received[i], fix_lat[i], fix_lng[i],
        fix_speed[i], fix_heading[i], fix_altitude[i], fix_accuracy[i], fix_derived[i], fix_moving[i],
        fix_slow_recorded[i], fix_slow_received[i], fix_attributes[i]::json, post_ids[fix_posts[i]]
    FROM (SELECT unnest(newest) AS i) u
    -- A repeat has nothing to lock where no position is, as while its vehicle is being removed.
    WHERE is_new IS NULL OR is_new[i]
        OR (SELECT true FROM vehicle_positions e WHERE e.vehicle_key = fix_vehicles[i])
    ON CONFLICT (vehicle_key) DO UPDATE SET
        recorded_at = excluded.recorded_at, received_at = excluded.received_at, lat = excluded.lat,
        lng = excluded.lng, speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg,
        altitude_m = excluded.altitude_m, accuracy_m = excluded.accuracy_m,
        derived_speed_mps = excluded.derived_speed_mps, is_moving = excluded.is_moving,
        slow_recorded_at = excluded.slow_recorded_at, slow_received_at = excluded.slow_received_at,
        attributes = excluded.attributes, post_id = excluded.post_id
    WHERE (least(p.recorded_at, p.received_at + ahead), p.recorded_at)
        < (least(excluded.recorded_at, excluded.received_at + ahead), excluded.recorded_at);

    -- Last, so that no fix is committed under the key of a vehicle that is gone: a unit that waited for a removal sees
    -- it here, and a removal that waited for the unit's commit takes its fixes along.
    IF (SELECT r.removals FROM revision r) <> known_removals THEN
        RAISE EXCEPTION 'a fleet or vehicle was removed since its key was learned' USING ERRCODE = 'HF001';
    END IF;
    RETURN is_new;
END
$$;
