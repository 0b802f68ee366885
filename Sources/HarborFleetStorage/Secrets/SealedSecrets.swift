package import Postgres
package import StoreCache

/// Under which keys the valid secrets of partners are sealed: one that is sealed under another key than the server's
/// verifies nothing.
package struct SealedSecrets: Sendable, Equatable {
    private struct Group: Sendable, Equatable {
        let keyID: String
        let partnerID: String
        let count: Int
    }

    /// By partner.
    private let groups: [Group]
    /// So many partners are named.
    private static let namedPartners = 10

    /// Valid secrets, by the key that they are sealed under and by partner.
    private static let select = """
        SELECT s.key_id, p.partner_id::text, count(*)
        FROM partners p JOIN partner_secrets s USING (partner_key)
        WHERE \(PartnerSQL.isLive)
        GROUP BY s.key_id, p.partner_id ORDER BY p.partner_id, s.key_id
        """

    /// Reads them.
    package init(in pool: PostgresPool) async throws(StoreError) {
        groups = try await upkeep(pool) {
            try await pool.query(Self.select).map { row in
                Group(keyID: try row.string(0), partnerID: try row.string(1), count: Int(try row.int64(2)))
            }
        }
    }

    /// Whether nothing in the database tells which key is the server's.
    package var isEmpty: Bool { groups.isEmpty }

    package func hasAny(under keyIDs: Set<String>) -> Bool { groups.contains { keyIDs.contains($0.keyID) } }

    package func count(notUnder keyIDs: Set<String>) -> Int {
        groups.reduce(0) { keyIDs.contains($1.keyID) ? $0 : $0 + $1.count }
    }

    /// Whose they are, the first ones, as a text.
    package func partners(notUnder keyIDs: Set<String>) -> String {
        let ids = groups.filter { !keyIDs.contains($0.keyID) }.map(\.partnerID)
        let names = ids.prefix(Self.namedPartners).joined(separator: ", ")
        return ids.count > Self.namedPartners ? names + ", …" : names
    }
}
