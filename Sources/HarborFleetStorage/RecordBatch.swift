internal import HarborFleet
internal import Postgres

/// The posts of one transaction as columns, ready to be sent as arrays.
struct RecordBatch {
    /// Each vehicle once; fixes name it by its place in here, from 1.
    private(set) var vehicles: [KeyCache.VehicleIdentity] = []
    private let posts: [PendingPost]
    private let fleetKeys: [Int64]
    private var vehiclePlaces: [Int32] = []
    private var postPlaces: [Int32] = []

    /// - Parameter fleetKeys: one per post.
    init(_ posts: [PendingPost], fleetKeys: [Int64]) {
        self.posts = posts
        self.fleetKeys = fleetKeys
        var places: [KeyCache.VehicleIdentity: Int32] = [:]
        for (index, (post, fleetKey)) in zip(posts, fleetKeys).enumerated() {
            for stored in post.fixes {
                let identity = KeyCache.VehicleIdentity(fleetKey: fleetKey, vehicleID: stored.fix.vehicleID)
                let place = places[identity] ?? Int32(truncatingIfNeeded: vehicles.count + 1)
                if places.updateValue(place, forKey: identity) == nil { vehicles.append(identity) }
                vehiclePlaces.append(place)
                postPlaces.append(Int32(truncatingIfNeeded: index + 1))
            }
        }
    }

    /// The whole unit: new vehicles and their keys when there are any, the fixes, the check of all keys.
    /// - Parameters:
    ///   - removals: how many there were when the first of the keys was learned.
    ///   - keys: of `vehicles`, in order; nil where unknown.
    ///   - nodeID: of this server; nil while there is one.
    func statements(keys: [Int64?], removals: Int64, nodeID: Int64?) -> [PostgresStatement] {
        let unknown = zip(vehicles, keys).filter { $0.1 == nil }.map(\.0)
        let record = PostgresStatement(RecordSQL.record, parameters(keys: keys, nodeID: nodeID))
        let check = PostgresStatement(RecordSQL.check, [.int8(removals)])
        guard !unknown.isEmpty else { return [record, check] }
        let identities: [PostgresValue] = [
            .int8Array(unknown.map(\.fleetKey)), .textArray(unknown.map(\.vehicleID.rawValue)),
        ]
        return [
            PostgresStatement(RecordSQL.addVehicles, identities), record,
            PostgresStatement(RecordSQL.vehicleKeys, identities), check,
        ]
    }

    private func parameters(keys: [Int64?], nodeID: Int64?) -> [PostgresValue] {
        let fixes = posts.flatMap(\.fixes)
        return vehicleColumns(keys) + fixColumns(fixes) + postColumns + [
            .optional(nodeID, PostgresValue.int8)
        ]
    }

    private func vehicleColumns(_ keys: [Int64?]) -> [PostgresValue] {
        // A known vehicle needs no name: less to send.
        let names = zip(vehicles, keys).map { $1 == nil ? $0.vehicleID.rawValue : nil }
        return [.int8Array(vehicles.map(\.fleetKey)), .textArray(names), .int8Array(keys)]
    }

    private func fixColumns(_ fixes: [StoredFix]) -> [PostgresValue] {
        [
            .int4Array(vehiclePlaces),
            .int4Array(postPlaces),
            .timestamptzArray(milliseconds: fixes.map(\.fix.recordedAt.milliseconds)),
            .timestamptzArray(milliseconds: fixes.map(\.receivedAt.milliseconds)),
            .float8Array(fixes.map(\.fix.latitudeDegrees)),
            .float8Array(fixes.map(\.fix.longitudeDegrees)),
            .float8Array(fixes.map(\.fix.speedMetersPerSecond)),
            .float8Array(fixes.map(\.fix.headingDegrees)),
            .float8Array(fixes.map(\.fix.altitudeMeters)),
            .float8Array(fixes.map(\.fix.accuracyMeters)),
            .float8Array(fixes.map(\.derivedSpeedMetersPerSecond)),
            .boolArray(fixes.map(\.motion?.isMoving)),
            .timestamptzArray(milliseconds: fixes.map(\.motion?.slow?.recordedAt.milliseconds)),
            .timestamptzArray(milliseconds: fixes.map(\.motion?.slow?.receivedAt.milliseconds)),
            .utf8Array(fixes.map(\.fix.attributes)),
        ]
    }

    private var postColumns: [PostgresValue] {
        [
            .uuidArray(posts.map(\.postID.bytes)),
            .int8Array(fleetKeys),
            .textArray(posts.map(\.partnerID?.rawValue)),
            .textArray(posts.map(\.webhookID)),
            .timestamptzArray(milliseconds: posts.map(\.receivedAt.milliseconds)),
            .int8Array(posts.map { Int64($0.bodyBytes) }),
            .bytesArray(posts.map(\.bodyHash)),
            .int4Array(posts.map { Int32(truncatingIfNeeded: $0.fixes.count) }),
        ]
    }

    /// What became of each post, from the ordinals (from 1, over all posts) of the accepted fixes.
    func outcomes(accepted ordinals: [Int32]) -> [PostOutcome] {
        var accepted = [Int](repeating: 0, count: posts.count)
        for ordinal in ordinals {
            let index = Int(ordinal) - 1
            guard postPlaces.indices.contains(index) else { continue }
            accepted[Int(postPlaces[index]) - 1] += 1
        }
        return zip(posts, accepted).map { post, accepted in
            PostOutcome(accepted: accepted, duplicates: post.fixes.count - accepted)
        }
    }
}
