internal import FleetAccess

/// The statements of `PostgresPartnerStore`.
enum PartnerSQL {
    /// SQL that is true when a secret `s` of a partner `p` is valid.
    static let isLive = """
        p.revoked_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > now())
            AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > now())
        """

    static let list = """
        SELECT p.partner_id,
            ARRAY(SELECT f.fleet_id::text FROM partner_fleets pf JOIN fleets f USING (fleet_key)
                WHERE pf.partner_key = p.partner_key AND f.removed_at IS NULL ORDER BY f.fleet_id),
            p.created_at, p.revoked_at, p.fixes_per_second, p.requests_per_second, p.require_fleet_id
        FROM partners p ORDER BY p.partner_id, p.partner_key
        """

    /// At most as many secrets per fleet as a verifier tries: first each partner's newest one, then each partner's
    /// second, and so on. So a partner with many secrets does not crowd out another one's.
    static let signingSecrets = """
        SELECT found.*, asked.fleet_id
        FROM unnest($1::text[]) AS asked (fleet_id), LATERAL (
            SELECT p.partner_id, s.sealed, s.key_id, s.expires_at, p.fixes_per_second, p.requests_per_second,
                p.require_fleet_id,
                EXISTS(SELECT FROM partner_fleets other JOIN fleets o USING (fleet_key)
                    WHERE other.partner_key = p.partner_key AND o.fleet_key <> f.fleet_key AND o.removed_at IS NULL),
                row_number() OVER (PARTITION BY s.partner_key ORDER BY s.secret_key DESC) AS place, s.secret_key
            FROM fleets f
            JOIN partner_fleets pf USING (fleet_key)
            JOIN partners p USING (partner_key)
            JOIN partner_secrets s USING (partner_key)
            WHERE f.fleet_id = asked.fleet_id AND f.removed_at IS NULL
                AND \(isLive)
            ORDER BY place, s.secret_key DESC
            LIMIT \(SigningSecret.maximumPerFleet)
        ) found
        ORDER BY asked.fleet_id, found.place, found.secret_key DESC
        """

    /// Has the columns of `signingSecrets`; the expiry column is the time at which the secret ended. `least`
    /// ignores NULL.
    static let endedSecrets = """
        SELECT p.partner_id, s.sealed, s.key_id, ended.at, NULL::int, NULL::int, false, false
        FROM fleets f
        JOIN partner_fleets pf USING (fleet_key)
        JOIN partners p USING (partner_key)
        JOIN partner_secrets s USING (partner_key),
        LATERAL (SELECT least(p.revoked_at, p.expires_at, s.revoked_at, s.expires_at) AS at) ended
        WHERE f.fleet_id = $1 AND f.removed_at IS NULL AND ended.at <= now()
        ORDER BY ended.at DESC, s.secret_key DESC
        LIMIT \(SigningSecret.maximumPerFleet)
        """

    static let add = """
        INSERT INTO partners (partner_id, created_at, fixes_per_second, requests_per_second, require_fleet_id)
        VALUES ($1, $2, $3, $4, $5) RETURNING partner_key
        """

    static let addFleets = """
        INSERT INTO partner_fleets (partner_key, fleet_key) SELECT $1, fleet_key FROM unnest($2::bigint[]) AS fleet_key
        """

    static let addSecret = "INSERT INTO partner_secrets (partner_key, sealed, key_id) VALUES ($1, $2, $3)"

    static let lock =
        "SELECT partner_key FROM partners WHERE partner_id = $1 AND revoked_at IS NULL FOR UPDATE"

    static let expireSecrets = """
        UPDATE partner_secrets SET expires_at = least(expires_at, $2) WHERE partner_key = $1 AND revoked_at IS NULL
        """

    /// Ends all valid secrets of a partner at once except the newest `$2`; returns how many it ended.
    static let endOldSecrets = """
        WITH live AS (
            SELECT secret_key, row_number() OVER (ORDER BY secret_key DESC) AS place FROM partner_secrets
            WHERE partner_key = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        ), ended AS (
            UPDATE partner_secrets s SET revoked_at = now() FROM live
            WHERE s.secret_key = live.secret_key AND live.place > $2::int RETURNING 1
        )
        SELECT count(*) FROM ended
        """

    static let revoke = """
        WITH gone AS (
            UPDATE partners SET revoked_at = now() WHERE partner_id = $1 AND revoked_at IS NULL
            RETURNING partner_key
        ), secrets AS (
            UPDATE partner_secrets s SET revoked_at = now() FROM gone
            WHERE s.partner_key = gone.partner_key AND s.revoked_at IS NULL
        )
        SELECT count(*) FROM gone
        """

    /// A NULL parameter keeps the current value; a limit of 0 removes the limit.
    static let set = """
        UPDATE partners SET fixes_per_second = nullif(coalesce($2::int, fixes_per_second), 0),
            requests_per_second = nullif(coalesce($3::int, requests_per_second), 0),
            require_fleet_id = coalesce($4::boolean, require_fleet_id)
        WHERE partner_id = $1 AND revoked_at IS NULL
        RETURNING fixes_per_second, requests_per_second, require_fleet_id
        """

    static let crowdedFleets = """
        SELECT f.fleet_id, count(*)
        FROM partners own
        JOIN partner_fleets of_own USING (partner_key)
        JOIN fleets f USING (fleet_key)
        JOIN partner_fleets pf USING (fleet_key)
        JOIN partners p ON p.partner_key = pf.partner_key
        JOIN partner_secrets s ON s.partner_key = p.partner_key
        WHERE own.partner_id = $1 AND own.revoked_at IS NULL AND f.removed_at IS NULL
            AND \(isLive)
        GROUP BY f.fleet_id HAVING count(*) > \(SigningSecret.maximumPerFleet)
        """

    static let noteUse = """
        UPDATE partners SET last_used_at = $2 WHERE partner_id = $1 AND revoked_at IS NULL
            AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute')
        """
}
