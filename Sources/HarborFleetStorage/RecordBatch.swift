internal import HarborFleet
internal import Postgres

/// The posts of one transaction as columns, ready to be sent as arrays.
///
/// What can be done here is not left to the database: of one key in several fixes the first counts, in the order of
/// the posts and of the fixes in them; rows are in the order of their key; and each vehicle's newest is found.
struct RecordBatch {
    /// The vehicle of each fix, in the order of the posts.
    let vehicles: [KeyCache.VehicleIdentity]
    private let posts: [PendingPost]
    private let fleetKeys: [Int64]
    private let fixes: [StoredFix]
    /// The post of each fix.
    private let postPlaces: [Int32]

    /// - Parameter fleetKeys: one per post.
    init(_ posts: [PendingPost], fleetKeys: [Int64]) {
        self.posts = posts
        self.fleetKeys = fleetKeys
        let count = posts.reduce(0) { $0 + $1.fixes.count }
        var vehicles: [KeyCache.VehicleIdentity] = []
        var fixes: [StoredFix] = []
        var places: [Int32] = []
        vehicles.reserveCapacity(count)
        fixes.reserveCapacity(count)
        places.reserveCapacity(count)
        for (index, (post, fleetKey)) in zip(posts, fleetKeys).enumerated() {
            for stored in post.fixes {
                vehicles.append(.init(fleetKey: fleetKey, vehicleID: stored.fix.vehicleID))
                places.append(Int32(truncatingIfNeeded: index))
            }
            fixes += post.fixes
        }
        self.vehicles = vehicles
        self.fixes = fixes
        postPlaces = places
    }

    /// The parameters of `RecordSQL.record`.
    /// - Parameters:
    ///   - keys: of `vehicles`, in order.
    ///   - removals: how many there were when the first of the keys was learned.
    ///   - nodeID: of this server; nil while there is one.
    func parameters(keys: [Int64], removals: Int64, nodeID: Int64?) -> [PostgresValue] {
        let rows = rows(keys)
        let newest = Self.newest(of: rows)
        return [.int8(removals), .optional(nodeID, PostgresValue.int8)] + postColumns(rows) + fixColumns(rows)
            + positionColumns(newest.map { rows[$0] }, places: newest)
    }

    /// What became of each post, from what `RecordSQL.record` returned.
    func outcomes(_ rows: PostgresRows) throws -> [PostOutcome] {
        guard let accepted = try rows.first?.int32Array(0), accepted.count == posts.count else {
            throw StoreError(.rejected, detail: "the outcomes do not match the posts")
        }
        return zip(posts, accepted).map { post, accepted in
            PostOutcome(accepted: Int(accepted), duplicates: post.fixes.count - Int(accepted))
        }
    }

    /// A fix on its way to the table.
    private struct Row {
        let vehicleKey: Int64
        /// In milliseconds.
        let recordedAt: Int64
        /// Its place among all fixes.
        let place: Int
    }

    /// In the order of the key, each key once.
    private func rows(_ keys: [Int64]) -> [Row] {
        var rows = zip(keys, fixes).enumerated().map { place, pair in
            Row(vehicleKey: pair.0, recordedAt: pair.1.fix.recordedAt.milliseconds, place: place)
        }
        rows.sort {
            ($0.vehicleKey, $0.recordedAt, $0.place) < ($1.vehicleKey, $1.recordedAt, $1.place)
        }
        var kept = 0
        for (index, row) in rows.enumerated() {
            if index > 0, row.vehicleKey == rows[kept - 1].vehicleKey,
                row.recordedAt == rows[kept - 1].recordedAt
            {
                continue
            }
            rows[kept] = row
            kept += 1
        }
        rows.removeLast(rows.count - kept)
        return rows
    }

    /// The places of each vehicle's last row, of rows in the order of their key.
    private static func newest(of rows: [Row]) -> [Int] {
        rows.indices.filter { $0 == rows.count - 1 || rows[$0].vehicleKey != rows[$0 + 1].vehicleKey }
    }

    private func postColumns(_ rows: [Row]) -> [PostgresValue] {
        var rowCounts = [Int32](repeating: 0, count: posts.count)
        for row in rows { rowCounts[Int(postPlaces[row.place])] += 1 }
        return [
            .uuidArray(posts.map(\.postID.number)),
            .int8Array(fleetKeys),
            .textArray(posts.map(\.partnerID?.rawValue)),
            .textArray(posts.map(\.webhookID)),
            .timestamptzArray(milliseconds: posts.map(\.receivedAt.milliseconds)),
            .int8Array(posts.map { Int64($0.bodyBytes) }),
            .bytesArray(posts.map(\.bodyHash)),
            .int4Array(posts.map { Int32(truncatingIfNeeded: $0.fixes.count) }),
            .int4Array(rowCounts),
        ]
    }

    private func fixColumns(_ rows: [Row]) -> [PostgresValue] {
        [
            .int4Array(rows.map { postPlaces[$0.place] + 1 }),
            .int8Array(rows.map(\.vehicleKey)),
            .timestamptzArray(milliseconds: rows.map(\.recordedAt)),
            .timestamptzArray(milliseconds: rows.map { fixes[$0.place].receivedAt.milliseconds }),
            .float8Array(rows.map { fixes[$0.place].fix.latitudeDegrees }),
            .float8Array(rows.map { fixes[$0.place].fix.longitudeDegrees }),
            column(rows, PostgresValue.float8Array) { $0.fix.speedMetersPerSecond },
            column(rows, PostgresValue.float8Array) { $0.fix.headingDegrees },
            column(rows, PostgresValue.float8Array) { $0.fix.altitudeMeters },
            column(rows, PostgresValue.float8Array) { $0.fix.accuracyMeters },
            column(rows, PostgresValue.float8Array) { $0.derivedSpeedMetersPerSecond },
            column(rows, PostgresValue.utf8Array) { $0.fix.attributes },
        ]
    }

    /// - Parameter places: of `rows` among those of `fixColumns`.
    private func positionColumns(_ rows: [Row], places: [Int]) -> [PostgresValue] {
        [
            .int4Array(places.map { Int32(truncatingIfNeeded: $0 + 1) }),
            column(rows, PostgresValue.boolArray) { $0.motion?.isMoving },
            column(rows, PostgresValue.timestamptzArray(milliseconds:)) {
                $0.motion?.slow?.recordedAt.milliseconds
            },
            column(rows, PostgresValue.timestamptzArray(milliseconds:)) {
                $0.motion?.slow?.receivedAt.milliseconds
            },
        ]
    }

    /// NULL when no row has a value: less to send, and to read.
    private func column<Value>(
        _ rows: [Row], _ make: ([Value?]) -> PostgresValue, _ value: (StoredFix) -> Value?
    ) -> PostgresValue {
        var isEmpty = true
        let values = rows.map { row in
            let value = value(fixes[row.place])
            if value != nil { isEmpty = false }
            return value
        }
        return isEmpty ? .null : make(values)
    }
}

extension PostgresRow {
    /// A uuid as the id of a POST.
    func postID(_ column: Int) throws(PostgresError) -> PostID {
        PostID(number: try uuid(column))
    }
}
