internal import HarborFleet
internal import Postgres
internal import StoreCache

/// Finds the keys of all named fleets, or fails.
enum FleetLookup {
    /// Throws `.notFound` with the name of a fleet that does not exist.
    static func keys(of ids: [FleetID], on connection: PostgresConnection) async throws -> [Int64] {
        let rows = try await connection.query(
            RecordSQL.fleetKeys + " FOR SHARE", [.textArray(ids.map(\.rawValue))])
        var keys: [String: Int64] = [:]
        for row in rows { keys[try row.string(0)] = try row.int64(1) }
        return try Set(ids).sorted().map { id throws(StoreError) in
            guard let key = keys[id.rawValue] else {
                throw StoreError(.notFound, detail: "fleet \(id) does not exist")
            }
            return key
        }
    }
}
