/// A row of `fixes` or `vehicle_positions`.
struct StoredRow: Hashable, Sendable {
    let key: FixKey
    let content: FixContent
    /// In milliseconds.
    let receivedAt: Int64
    let postID: String
}

/// A row of `receipts`.
struct StoredReceipt: Hashable, Sendable {
    let postID: String
    let webhookID: String
    let partner: String
    let fleet: String
    let body: SentBody
    let accepted: Int
    let duplicates: Int
}

/// A vehicle as a status shows it.
struct ShownVehicle: Hashable, Sendable {
    /// In milliseconds.
    let recordedAt: Int64
    let receivedAt: Int64
    let content: FixContent
}

/// The rows of PostgreSQL, read past the server.
struct StoredTables: Sendable {
    var rows: [StoredRow]
    var positions: [StoredRow]
    var receipts: [StoredReceipt]

    /// The newest row of each vehicle.
    var newest: [VehicleName: StoredRow] {
        var newest: [VehicleName: StoredRow] = [:]
        for row in rows {
            guard let known = newest[row.key.vehicle], known.key.milliseconds >= row.key.milliseconds else {
                newest[row.key.vehicle] = row
                continue
            }
        }
        return newest
    }
}
