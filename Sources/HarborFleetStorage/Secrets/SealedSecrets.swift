package import Postgres
package import StoreCache

/// The keys under which the valid secrets of partners are sealed. A secret that is sealed under another key than
/// the server's verifies nothing.
package struct SealedSecrets: Sendable, Equatable {
    private struct Group: Sendable, Equatable {
        let keyID: String
        let partnerID: String
        let count: Int
    }

    /// Sorted by partner.
    private let groups: [Group]
    /// The maximum number of partners named in a text.
    private static let namedPartners = 10

    /// Counts valid secrets by partner and by the key under which they are sealed.
    private static let select = """
        SELECT s.key_id, p.partner_id::text, count(*)
        FROM partners p JOIN partner_secrets s USING (partner_key)
        WHERE \(PartnerSQL.isLive)
        GROUP BY s.key_id, p.partner_id ORDER BY p.partner_id, s.key_id
        """

    /// Reads the groups from the database.
    package init(in pool: PostgresPool) async throws(StoreError) {
        groups = try await upkeep(pool) {
            try await pool.query(Self.select).map { row in
                Group(keyID: try row.string(0), partnerID: try row.string(1), count: Int(try row.int64(2)))
            }
        }
    }

    /// Whether the database holds no valid secret, and so gives no hint which key is the server's.
    package var isEmpty: Bool { groups.isEmpty }

    package func hasAny(under keyIDs: Set<String>) -> Bool { groups.contains { keyIDs.contains($0.keyID) } }

    package func count(notUnder keyIDs: Set<String>) -> Int {
        groups.reduce(0) { keyIDs.contains($1.keyID) ? $0 : $0 + $1.count }
    }

    /// The owners of the secrets as a text, the first ones only.
    package func partners(notUnder keyIDs: Set<String>) -> String {
        let ids = groups.filter { !keyIDs.contains($0.keyID) }.map(\.partnerID)
        let names = ids.prefix(Self.namedPartners).joined(separator: ", ")
        return ids.count > Self.namedPartners ? names + ", …" : names
    }
}
