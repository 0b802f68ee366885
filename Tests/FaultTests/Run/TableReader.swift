import HarborFleetTesting
import Postgres

/// Reads the server's tables, past the server.
struct TableReader: Sendable {
    let session: SuperuserSession

    func tables() async throws -> StoredTables {
        StoredTables(
            rows: try await rows("fixes"), positions: try await rows("vehicle_positions"),
            receipts: try await receipts())
    }

    /// `recorded_at` of the newest row of each vehicle, in milliseconds.
    func newest() async throws -> [VehicleName: Int64] {
        let rows = try await session.query(
            """
            SELECT f.fleet_id, v.vehicle_id, newest.recorded_at FROM vehicles v JOIN fleets f USING (fleet_key)
            CROSS JOIN LATERAL (SELECT x.recorded_at FROM fixes x WHERE x.vehicle_key = v.vehicle_key
                ORDER BY x.recorded_at DESC LIMIT 1) newest
            """)
        var newest: [VehicleName: Int64] = [:]
        for row in rows {
            newest[VehicleName(fleet: try row.string(0), vehicle: try row.string(1))] =
                try row.milliseconds(2)
        }
        return newest
    }

    private func rows(_ table: String) async throws -> [StoredRow] {
        let rows = try await session.query(
            """
            SELECT f.fleet_id, v.vehicle_id, x.recorded_at, x.received_at, x.lat, x.lng,
                coalesce(x.speed_mps, -1), coalesce((x.attributes->>'n')::bigint, -1), x.post_id::text
            FROM \(table) x JOIN vehicles v USING (vehicle_key) JOIN fleets f ON f.fleet_key = v.fleet_key
            """)
        var read: [StoredRow] = []
        read.reserveCapacity(rows.count)
        for row in rows {
            let vehicle = VehicleName(fleet: try row.string(0), vehicle: try row.string(1))
            let content = FixContent(
                number: Int(try row.int64(7)), latitudeDegrees: try row.double(4),
                longitudeDegrees: try row.double(5), speedMetersPerSecond: try row.double(6))
            read.append(
                StoredRow(
                    key: FixKey(vehicle: vehicle, milliseconds: try row.milliseconds(2)),
                    content: content, receivedAt: try row.milliseconds(3), postID: try row.string(8)))
        }
        return read
    }

    private func receipts() async throws -> [StoredReceipt] {
        let rows = try await session.query(
            """
            SELECT r.post_id::text, coalesce(r.webhook_id, ''), coalesce(r.partner_id, ''), f.fleet_id,
                r.body_bytes, r.accepted::bigint, r.duplicates::bigint, coalesce(encode(r.body_hash, 'hex'), '')
            FROM receipts r JOIN fleets f USING (fleet_key)
            """)
        var read: [StoredReceipt] = []
        read.reserveCapacity(rows.count)
        for row in rows {
            read.append(
                StoredReceipt(
                    postID: try row.string(0), webhookID: try row.string(1), partner: try row.string(2),
                    fleet: try row.string(3),
                    body: SentBody(bytes: Int(try row.int64(4)), hash: try row.string(7)),
                    accepted: Int(try row.int64(5)), duplicates: Int(try row.int64(6))))
        }
        return read
    }
}
