import Foundation
import HarborFleetTesting
import Postgres

/// The rows of a server's database, read past the server.
extension SuperuserSession {
    init(of server: ServerProcess) async throws {
        let url =
            if let url = server.databaseURL { url } else {
                try await server.run(["database", "url"]).standardOutput
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
        try await self.init(url: url)
    }

    /// How many rows each fix has, by `fleet/vehicle@milliseconds`.
    func keys() async throws -> [String: Int64] {
        let rows = try await query(
            """
            SELECT f.fleet_id, v.vehicle_id, x.recorded_at, count(*) FROM fixes x
            JOIN vehicles v USING (vehicle_key) JOIN fleets f USING (fleet_key) GROUP BY 1, 2, 3
            """)
        var counts: [String: Int64] = [:]
        for row in rows {
            counts["\(try row.string(0))/\(try row.string(1))@\(try row.milliseconds(2))"] = try row.int64(3)
        }
        return counts
    }

    /// The newest fix of each vehicle, from the rows themselves: `vehicle@milliseconds`.
    func newest(of fleet: String) async throws -> [String] {
        let rows = try await query(
            """
            SELECT v.vehicle_id, max(x.recorded_at) FROM fixes x JOIN vehicles v USING (vehicle_key)
            JOIN fleets f USING (fleet_key) WHERE f.fleet_id = $1 GROUP BY 1
            """, [.text(fleet)])
        return try rows.map { "\(try $0.string(0))@\(try $0.milliseconds(1))" }.sorted()
    }
}
