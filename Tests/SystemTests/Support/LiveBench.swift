import HarborFleetTesting
import Processes

/// A real server with one partner per fleet, for tests of what readers see.
struct LiveBench: Sendable {
    let server: ServerProcess

    /// - Parameter environment: beside what every one of these servers is told.
    init(
        database: ServerProcess.Database = .ofTests, environment: [String: String] = [:]
    ) async throws {
        let own = ["HARBOR_EVENT_LOOPS": "2", "HARBOR_PUBLIC_READ": "true", "HARBOR_LOG_LEVEL": "debug"]
        server = try await ServerProcess(
            database: database, environment: own.merging(environment) { _, given in given })
        try await server.start()
    }

    /// Adds a fleet and a partner of the same name.
    /// - Returns: the partner's client.
    func addFleet(_ fleet: String) async throws -> APIClient {
        try await server.addFleet(fleet)
        return try await server.partner("partner-\(fleet)", of: fleet)
    }

    func subscriber(
        of fleet: String, query: String = "", fields: [String] = []
    ) async throws -> LiveClient {
        try await LiveClient(
            port: server.publicPort, path: "/api/v1/fleets/\(fleet)/live\(query)", fields: fields)
    }

    /// Whether the server has ended by `limit`, and how.
    func exit(within limit: Duration) async throws -> ChildProcess.Exit? {
        guard try await eventually(within: limit, { !server.isRunning }) else { return nil }
        return await server.waitForExit()
    }
}

extension APIClient {
    /// POSTs fixes.
    @discardableResult
    func post(_ fixes: [SentFix], to fleet: String) async throws -> RawResponse {
        try await post(fixes: SentFix.body(fixes), to: fleet)
    }
}
