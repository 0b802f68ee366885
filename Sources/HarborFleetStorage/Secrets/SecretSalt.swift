package import Postgres
package import StoreCache

/// The random salt of the pass phrase, one row for all servers of a database. It makes guesses worthless that were
/// computed in advance or for several databases at once.
package enum SecretSalt {
    private static let byteCount = 16
    private static let select = "SELECT salt FROM secret_key_salt"
    private static let insert = "INSERT INTO secret_key_salt (salt) VALUES ($1) ON CONFLICT DO NOTHING"

    /// Returns the salt. The first caller creates it; it is on disk before it is used.
    package static func read(in pool: PostgresPool) async throws(StoreError) -> [UInt8] {
        let salt = try await upkeep(pool) { () async throws -> [UInt8]? in
            if let salt = try await known(in: pool) { return salt }
            _ = try await pool.change(insert, [.bytes(Credentials.randomBytes(byteCount))])
            // Another server may have inserted the salt first.
            return try await known(in: pool)
        }
        guard let salt else {
            throw StoreError(.unavailable, detail: "the salt of the key has disappeared from the database")
        }
        return salt
    }

    private static func known(in pool: PostgresPool) async throws -> [UInt8]? {
        try await pool.query(select).first?.bytes(0)
    }
}
