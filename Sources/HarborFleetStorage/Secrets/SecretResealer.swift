internal import Postgres
internal import StoreCache

/// Seals partners' secrets again that are sealed under an older key of the sealer, including revoked and expired
/// ones. An attacker who can read the database could try pass phrases on any secret that is left, and a guess at
/// the older key costs less.
///
/// Each secret has a transaction of its own. It changes the secret only if it is still as it was read, because
/// other servers may do the same work.
struct SecretResealer: Sendable {
    private typealias Secret = (secretKey: Int64, partnerID: String, sealed: [UInt8], keyID: String)

    private static let select = """
        SELECT s.secret_key, p.partner_id::text, s.sealed, s.key_id
        FROM partner_secrets s JOIN partners p USING (partner_key)
        WHERE s.key_id = ANY ($1) AND s.secret_key > $2 ORDER BY s.secret_key LIMIT 100
        """
    private static let update = """
        WITH changed AS (
            UPDATE partner_secrets SET sealed = $4, key_id = $5 WHERE secret_key = $1 AND key_id = $2 AND sealed = $3
            RETURNING 1
        )
        SELECT count(*) FROM changed
        """

    let pool: PostgresPool
    let sealer: SecretSealer

    /// - Returns: the number of secrets that were sealed again. A secret that cannot be opened stays as it is.
    func run() async throws(StoreError) -> Int {
        guard !sealer.olderKeyIDs.isEmpty else { return 0 }
        var count = 0
        var last: Int64 = 0
        while true {
            let secrets = try await secrets(after: last)
            guard let newLast = secrets.last?.secretKey else { return count }
            last = newLast
            for secret in secrets {
                count += try await reseal(secret) ? 1 : 0
            }
        }
    }

    private func secrets(after last: Int64) async throws(StoreError) -> [Secret] {
        try await upkeep(pool) {
            try await pool.query(Self.select, [.textArray(sealer.olderKeyIDs), .int8(last)]).map { row in
                (try row.int64(0), try row.string(1), try row.bytes(2), try row.string(3))
            }
        }
    }

    private func reseal(_ secret: Secret) async throws(StoreError) -> Bool {
        guard
            let opened = try? sealer.open(secret.sealed, under: secret.keyID, context: secret.partnerID),
            let sealed = try? sealer.seal(opened, context: secret.partnerID)
        else { return false }
        return try await upkeep(pool) {
            let parameters: [PostgresValue] = [
                .int8(secret.secretKey), .text(secret.keyID), .bytes(secret.sealed), .bytes(sealed),
                .text(sealer.keyID),
            ]
            return try await pool.change(Self.update, parameters)[0].int64(0) > 0
        }
    }
}
