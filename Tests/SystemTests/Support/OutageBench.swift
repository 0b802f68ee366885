import Foundation
import HarborFleetTesting

/// A server with a PostgreSQL of its own that a test can make fail, one fleet, one partner, and one viewer.
final class OutageBench: Sendable {
    static let fleet = "north"

    let cluster: PostgresCluster
    let database: ClusterDatabase
    /// Between server and PostgreSQL; nil unless it was asked for.
    let proxy: FaultProxy?
    let server: ServerProcess
    let viewer: LiveClient
    private let api: APIClient
    private let ledger = Ledger()

    init(throughProxy: Bool = false) async throws {
        cluster = try await PostgresCluster()
        database = try await cluster.makeDatabase()
        proxy = throughProxy ? try FaultProxy(to: database.proxyTarget) : nil
        server = try await ServerProcess(
            database: .url(proxy.map(database.url(through:)) ?? database.tcpURL),
            environment: ["HARBOR_PUBLIC_READ": "true", "HARBOR_RECONCILE_S": "2"])
        try await server.start()
        try await server.addFleet(Self.fleet)
        api = try await server.partner(of: Self.fleet)
        viewer = try await LiveClient(
            port: server.publicPort, path: "/api/v1/fleets/\(Self.fleet)/live")
    }

    struct Response: Sendable {
        let status: Int
        let retryAfter: String?
        let duration: Duration
    }

    /// Posts one fix.
    func post(_ vehicle: String, at milliseconds: Int) async throws -> Response {
        let fix = SentFix(vehicle, at: milliseconds)
        let keys = ["\(Self.fleet)/\(fix.key)"]
        ledger.sending(keys)
        let start = ContinuousClock.now
        let response = try await api.post(fixes: SentFix.body([fix]), to: Self.fleet)
        ledger.received(response.status, for: keys)
        return Response(
            status: response.status, retryAfter: response["retry-after"],
            duration: start.duration(to: ContinuousClock.now))
    }

    /// Posts the same fix until it is acknowledged, as a partner does: no client hears of the end of an outage.
    func postUntilAcknowledged(_ vehicle: String, at milliseconds: Int) async throws {
        try await waitUntil(within: .seconds(30)) {
            try await post(vehicle, at: milliseconds).status == 202
        }
    }

    /// Reads `/ready` until the response has this status and says this of the database, as a load balancer does.
    /// - Returns: what it says of the database.
    @discardableResult
    func waitForReadiness(
        _ status: Int, reason: String? = nil, within limit: Duration
    ) async throws -> String {
        var last = (status: 0, database: "")
        let isMet = try await eventually(within: limit) {
            last = try await readiness()
            return last.status == status && reason.map(last.database.contains) ?? true
        }
        guard isMet else { throw TestFailure("/ready after \(limit): \(last)") }
        return last.database
    }

    /// The status of `/ready`, and what it says of the database.
    private func readiness() async throws -> (status: Int, database: String) {
        struct Ready: Decodable {
            struct Check: Decodable {
                let detail: String
            }
            let checks: [String: Check]
        }
        let response = try await APIClient(port: server.publicPort).get("/ready")
        return (response.status, try response.json(Ready.self).checks["database"]?.detail ?? "")
    }

    /// How long `GET status` takes; nil when its status is not 200.
    func statusTime() async throws -> Duration? {
        let start = ContinuousClock.now
        let response = try await APIClient(port: server.publicPort).get(
            "/api/v1/fleets/\(Self.fleet)/status")
        return response.status == 200 ? start.duration(to: ContinuousClock.now) : nil
    }

    /// Acknowledged fixes that the table lacks, fixes that it has twice, and fixes that no partner sent.
    func faultsOfTheTable() async throws -> [String] {
        let session = try await SuperuserSession(database)
        let counts = try await session.keys()
        await session.close()
        return ledger.acknowledged.filter { counts[$0] == nil }.map { "lost \($0)" }
            + counts.filter { $0.value != 1 }.map { "doubled \($0.key)" }
            + counts.keys.filter { !ledger.sent.contains($0) }.map { "invented \($0)" }
    }

    /// How often the log has each message on the state of the database, by its message.
    func outageLines() -> [Substring: Int] {
        let start = "\"message\":\""
        return server.log.split(separator: "\n").reduce(into: [:]) { counts, line in
            guard let place = line.range(of: start + "the database is ") else { return }
            let message = line[place.lowerBound...].dropFirst(start.count).prefix { $0 != "\"" }
            counts[message, default: 0] += 1
        }
    }
}
