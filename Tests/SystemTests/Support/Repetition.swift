import HarborFleet
import HarborFleetTesting

/// Requests that are repeated until the response is the expected one. The server follows what changes in its database
/// within a second, and announces to no client that it has: only a response shows it.
extension APIClient {
    /// Reads a path until the response has a status.
    func waitForStatus(
        _ status: Int, of path: String, fields: [String] = [], within limit: Duration = .seconds(20)
    ) async throws {
        try await waitUntil(within: limit) { try await get(path, fields: fields).status == status }
    }

    /// Posts one fix until the response has a status. A server that does not listen counts as another status.
    func waitForPost(
        _ status: Int, vehicle: String = "van", at milliseconds: Int = 0, to fleet: String = "north",
        within limit: Duration = .seconds(20)
    ) async throws {
        try await waitUntil(within: limit) {
            let response = try? await post([SentFix(vehicle, at: milliseconds)], to: fleet)
            return response?.status == status
        }
    }

    /// Reads the metrics until they meet a condition. The port is that of operations.
    func waitForMetrics(
        within limit: Duration = .seconds(20), _ condition: ([Substring]) -> Bool
    ) async throws {
        try await waitUntil(within: limit) {
            condition(try await get("/metrics").text.split(separator: "\n"))
        }
    }

    /// The newest fix of each vehicle by `GET status`: `vehicle@milliseconds`.
    func newestFixes(of fleet: String) async throws -> [String] {
        let response = try await get("/api/v1/fleets/\(fleet)/status")
        return (try LiveMessage(response.body).vehicles ?? []).map { vehicle in
            "\(vehicle.vehicleId)@\(Timestamp(rfc3339: vehicle.recordedAt)?.milliseconds ?? 0)"
        }.sorted()
    }

    /// Returns once the status of a fleet is what its table says. A 202 waits for the commit and not for the tracker,
    /// and the table may change until the last backend of a killed server has ended.
    func waitUntilStatusIsTable(
        _ table: SuperuserSession, of fleet: String, within limit: Duration = .seconds(20)
    ) async throws {
        try await waitUntil(within: limit) { try await newestFixes(of: fleet) == table.newest(of: fleet) }
    }
}
