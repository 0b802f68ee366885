package import HarborFleet
package import Postgres

/// What became of one POST, for operators.
package struct Receipt: Sendable, Equatable {
    package var postID: String
    package var fleetID: FleetID
    package var partnerID: String?
    package var webhookID: String?
    package var receivedAt: Timestamp
    package var bodyBytes: Int
    package var accepted: Int
    package var duplicates: Int
}

/// Reads receipts.
package struct ReceiptList: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest receipts, newest first.
    /// - Parameter fleetID: only of that fleet; nil for all.
    package func newest(_ limit: Int, of fleetID: FleetID? = nil) async throws(StoreError) -> [Receipt] {
        try await storing {
            let rows = try await pool.query(
                """
                SELECT r.post_id::text, f.fleet_id, r.partner_id, r.webhook_id, r.received_at, r.body_bytes,
                    r.accepted, r.duplicates
                FROM receipts r JOIN fleets f USING (fleet_key)
                WHERE $2::text IS NULL OR (f.fleet_id = $2 AND f.removed_at IS NULL)
                ORDER BY r.post_id DESC LIMIT $1
                """,
                [.int8(Int64(limit)), .optional(fleetID) { .text($0.rawValue) }], timeout: .seconds(30))
            return try rows.compactMap { row in try Receipt(row) }
        }
    }
}

extension Receipt {
    fileprivate init?(_ row: PostgresRow) throws {
        guard let fleetID = FleetID(try row.string(1)) else { return nil }
        self.init(
            postID: try row.string(0), fleetID: fleetID, partnerID: try row.optionalString(2),
            webhookID: try row.optionalString(3),
            receivedAt: Timestamp(milliseconds: try row.milliseconds(4)),
            bodyBytes: Int(try row.int64(5)), accepted: Int(try row.int64(6)),
            duplicates: Int(try row.int64(7)))
    }
}
