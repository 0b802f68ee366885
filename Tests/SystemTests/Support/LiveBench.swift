import HarborFleetTesting

/// A real server with one partner per fleet, for tests of what readers receive.
struct LiveBench: Sendable {
    let server: ServerProcess

    /// Logs at `debug`, so that a test can wait for notices of PostgreSQL.
    /// - Parameter environment: further variables, which override these.
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
}

extension APIClient {
    /// POSTs fixes.
    @discardableResult
    func post(_ fixes: [SentFix], to fleet: String) async throws -> RawResponse {
        try await post(fixes: SentFix.body(fixes), to: fleet)
    }
}
