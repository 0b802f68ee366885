internal import HarborFleet
internal import Postgres
internal import StoreCache

/// The posts of one transaction as columns, ready to be sent as arrays.
///
/// The work that can be done here is not left to the database. Of several fixes with the same key the first counts,
/// in the order of the posts and of the fixes in them. The rows are sorted by key, and the newest row of each
/// vehicle is found.
struct RecordBatch {
    /// The vehicle of each fix, in the order of the posts.
    let vehicles: [KeyCache.VehicleIdentity]
    private let posts: [PendingPost]
    private let fleetKeys: [Int64]
    private let fixes: [StoredFix]
    /// The index of each fix's post.
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

    /// A call of the database function, with what is needed to read its result.
    struct Call {
        /// The parameters of `RecordSQL.record`.
        let parameters: [PostgresValue]
        /// The index among all fixes of each row that is sent.
        fileprivate let places: [Int]
    }

    /// - Parameters:
    ///   - keys: the keys of `vehicles`, in order.
    ///   - removals: the number of removals when the first of the keys was learned.
    func call(keys: [Int64], removals: Int64) -> Call {
        let rows = rows(keys)
        return Call(
            // The second parameter would name a node. There is only one node, so it is NULL.
            parameters: [.int8(removals), .null] + postColumns(rows) + fixColumns(rows) + motionColumns(rows)
                + [.int4Array(newest(of: rows).map { Int32(truncatingIfNeeded: $0 + 1) })],
            places: rows.map(\.place))
    }

    /// The outcome of each post, from the result of `call`.
    func outcomes(of call: Call, _ rows: PostgresRows) throws -> [PostOutcome] {
        guard let row = rows.first else { throw Self.mismatch }
        let isNew = try row.isNull(0) ? nil : row.boolArray(0)
        if isNew == nil, call.places.count == fixes.count {
            return posts.map { PostOutcome(accepted: $0.fixes.count, duplicates: 0) }
        }
        if let isNew, isNew.count != call.places.count { throw Self.mismatch }
        var isAccepted = [Bool](repeating: false, count: fixes.count)
        for (index, place) in call.places.enumerated() { isAccepted[place] = isNew?[index] ?? true }
        var start = 0
        return posts.map { post in
            defer { start += post.fixes.count }
            return PostOutcome(isAccepted[start..<(start + post.fixes.count)])
        }
    }

    private static let mismatch = StoreError(
        .rejected, detail: "the result of the database function does not match the posts")

    /// A fix on its way to the table.
    private struct Row {
        let vehicleKey: Int64
        /// In milliseconds.
        let recordedAt: Int64
        /// Its index among all fixes.
        let place: Int
    }

    /// Returns the rows in the order of the key, each key once.
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

    /// Returns the indices of each vehicle's newest row, given rows in the order of their key. That is the
    /// vehicle's last row, unless a clock ran ahead.
    private func newest(of rows: [Row]) -> [Int] {
        var places: [Int] = []
        for (index, row) in rows.enumerated() {
            guard let last = places.last, rows[last].vehicleKey == row.vehicleKey else {
                places.append(index)
                continue
            }
            if fixes[row.place].isNewer(than: fixes[rows[last].place]) { places[places.count - 1] = index }
        }
        return places
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

    private func motionColumns(_ rows: [Row]) -> [PostgresValue] {
        [
            column(rows, PostgresValue.boolArray) { $0.motion?.isMoving },
            column(rows, PostgresValue.timestamptzArray(milliseconds:)) {
                $0.motion?.slow?.recordedAt.milliseconds
            },
            column(rows, PostgresValue.timestamptzArray(milliseconds:)) {
                $0.motion?.slow?.receivedAt.milliseconds
            },
        ]
    }

    /// The column is NULL when no row has a value, so that there is less to send and to read.
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

extension PostOutcome {
    /// Makes the outcome from a list that says for each of a post's fixes whether it was accepted.
    fileprivate init(_ isAccepted: ArraySlice<Bool>) {
        let places = isAccepted.indices.filter { isAccepted[$0] }.map { $0 - isAccepted.startIndex }
        let isMixed = !places.isEmpty && places.count < isAccepted.count
        self.init(
            accepted: places.count, duplicates: isAccepted.count - places.count,
            acceptedPlaces: isMixed ? places : nil)
    }
}

extension PostgresRow {
    /// Decodes a uuid as the id of a POST.
    func postID(_ column: Int) throws(PostgresError) -> PostID {
        PostID(number: try uuid(column))
    }
}
