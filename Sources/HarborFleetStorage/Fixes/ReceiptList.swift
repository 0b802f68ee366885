package import HarborFleet
package import Postgres
package import StoreCache

/// The outcome of one POST, for operators.
package struct Receipt: Sendable, Equatable {
    package var postID: PostID
    package var fleetID: FleetID
    /// nil for a post that the server itself produced.
    package var partnerID: String?
    package var webhookID: String?
    package var receivedAt: Timestamp
    package var bodyBytes: Int
    /// The SHA-256 of the body as sent, in hexadecimal digits.
    package var bodyHash: String?
    package var accepted: Int
    package var duplicates: Int
}

/// Selects the receipts to list.
package struct ReceiptFilter: Sendable, Equatable {
    /// Only receipts of the fleet that has this id now; nil for all fleets, including removed ones.
    package var fleetID: FleetID?
    /// Only receipts of this partner.
    package var partnerID: PartnerID?
    /// Only receipts of POSTs received at this time or later.
    package var since: Timestamp?

    package init(fleetID: FleetID? = nil, partnerID: PartnerID? = nil, since: Timestamp? = nil) {
        self.fleetID = fleetID
        self.partnerID = partnerID
        self.since = since
    }
}

/// Reads receipts for operators.
package struct ReceiptList: Sendable {
    /// A generous limit: receipts are indexed by time only, so those of a fleet or partner that rarely posts may be
    /// far back.
    private static let timeout: Duration = .seconds(300)

    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest receipts, newest first.
    package func newest(
        _ limit: Int, _ filter: ReceiptFilter = ReceiptFilter()
    ) async throws(StoreError) -> [Receipt] {
        let values: [PostgresValue] = [
            .int8(Int64(limit)), .optional(filter.fleetID) { .text($0.rawValue) },
            .optional(filter.partnerID) { .text($0.rawValue) },
            .optional(filter.since) { .uuid(PostID.first(at: $0).number) },
        ]
        return try await pool.list(Self.sql, values, timeout: Self.timeout) { try Receipt($0) }
    }

    /// Ids increase with time, so a period is a range of the primary key.
    private static let sql = """
        SELECT r.post_id, f.fleet_id, r.partner_id, r.webhook_id, r.received_at, r.body_bytes,
            encode(r.body_hash, 'hex'), r.accepted, r.duplicates
        FROM receipts r JOIN fleets f USING (fleet_key)
        WHERE ($2::text IS NULL OR (f.fleet_id = $2 AND f.removed_at IS NULL))
            AND ($3::text IS NULL OR r.partner_id = $3)
            AND r.post_id >= coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
        ORDER BY r.post_id DESC LIMIT $1
        """
}

extension Receipt {
    fileprivate init?(_ row: PostgresRow) throws {
        guard let fleetID = FleetID(try row.string(1)) else { return nil }
        self.init(
            postID: try row.postID(0), fleetID: fleetID, partnerID: try row.optionalString(2),
            webhookID: try row.optionalString(3),
            receivedAt: try row.time(4),
            bodyBytes: Int(try row.int64(5)), bodyHash: try row.optionalString(6),
            accepted: Int(try row.int64(7)), duplicates: Int(try row.int64(8)))
    }
}
