package import FleetAccess
internal import HarborFleet
package import Postgres
package import StoreCache
internal import TextFormats

/// Stores tokens in PostgreSQL, each as its SHA-256.
package struct PostgresTokenStore: TokenStore {
    private let pool: PostgresPool
    private let used: UsedCredentials

    package init(pool: PostgresPool) {
        self.pool = pool
        used = UsedCredentials(
            pool: pool, table: "tokens",
            select: "\(TokenSQL.select) WHERE t.hash = ANY($1) AND \(TokenSQL.isLive)")
    }

    package func tokens() async throws(StoreError) -> [Token] {
        try await pool.list("\(TokenSQL.select) ORDER BY t.name, t.token_key") { try Token($0) }
    }

    package func tokens(hashes: [[UInt8]]) async throws(StoreError) -> [[UInt8]: Token] {
        try await used.tokens(hashes)
    }

    package func liveTokens(atMost limit: Int) async throws(StoreError) -> [[UInt8]: Token] {
        try await storing { try Token.byHash(try await pool.query(TokenSQL.live, [.int8(Int64(limit))])) }
    }

    package func add(_ token: Token, hash: [UInt8]) async throws(StoreError) {
        try await pool.changes { connection in
            let fleetKeys = try await fleetKeys(token.scope, on: connection)
            let rows = try await connection.query(
                TokenSQL.add,
                [
                    .text(token.name), .text(Hexadecimal.text(hash)), .text(token.role.rawValue),
                    .bool(token.scope == .all), .time(token.createdAt),
                    .optional(token.expiresAt, PostgresValue.time),
                ])
            _ = try await connection.query(
                TokenSQL.addFleets, [.int8(try rows[0].int64(0)), .int8Array(fleetKeys)])
        }
    }

    package func revoke(name: String) async throws(StoreError) {
        let error = StoreError(.notFound, detail: "there is no such token")
        try await pool.change(TokenSQL.revoke, [.text(name)], orThrow: error)
    }

    private func fleetKeys(_ scope: Scope, on connection: PostgresConnection) async throws -> [Int64] {
        switch scope {
        case .all: []
        case .fleets(let ids): try await FleetLookup.keys(of: Array(ids), on: connection)
        }
    }
}

extension Token {
    /// Decodes rows of `TokenSQL.select` into tokens by the hash in the last column.
    static func byHash(_ rows: PostgresRows) throws -> [[UInt8]: Token] {
        var tokens: [[UInt8]: Token] = [:]
        for row in rows { tokens[Hexadecimal.bytes(try row.string(7))] = try Token(row) }
        return tokens
    }

    /// Decodes a row of `TokenSQL.select`; nil when the role is invalid.
    init?(_ row: PostgresRow) throws {
        guard let role = Role(rawValue: try row.string(1)) else { return nil }
        let fleets = Set(try row.stringArray(3).compactMap(FleetID.init))
        self.init(
            name: try row.string(0), role: role, scope: try row.bool(2) ? .all : .fleets(fleets),
            createdAt: try row.time(4),
            expiresAt: try row.optionalTime(5),
            revokedAt: try row.optionalTime(6))
    }
}

/// The statements of the token store and the session store.
enum TokenSQL {
    static let select = select(expiresAt: "t.expires_at", hash: "t.hash")

    /// - Parameters:
    ///   - expiresAt: the earlier time of expiry, as SQL.
    ///   - hash: the hash of the requested credential, as SQL.
    static func select(expiresAt: String, hash: String) -> String {
        """
        SELECT t.name, t.role, t.all_fleets,
            ARRAY(SELECT f.fleet_id::text FROM token_fleets tf JOIN fleets f USING (fleet_key)
                WHERE tf.token_key = t.token_key AND f.removed_at IS NULL),
            t.created_at, \(expiresAt), t.revoked_at, \(hash)
        FROM tokens t
        """
    }

    static let isLive = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())"

    static let live = """
        \(select) WHERE \(isLive) ORDER BY t.last_used_at DESC NULLS LAST, t.token_key LIMIT $1
        """

    static let add = """
        INSERT INTO tokens (name, hash, role, all_fleets, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING token_key
        """

    static let addFleets = """
        INSERT INTO token_fleets (token_key, fleet_key) SELECT $1, fleet_key FROM unnest($2::bigint[]) AS fleet_key
        """

    static let revoke = """
        WITH gone AS (
            UPDATE tokens SET revoked_at = now() WHERE name = $1 AND revoked_at IS NULL RETURNING token_key
        ), ended AS (
            DELETE FROM sessions s USING gone WHERE s.token_key = gone.token_key
        )
        SELECT count(*) FROM gone
        """
}
