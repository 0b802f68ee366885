import Foundation
import HarborFleetTesting

/// A server with a PostgreSQL of its own that can be made to fail, one fleet, one partner, and one viewer.
final class OutageBench: Sendable {
    static let fleet = "north"

    let cluster: PostgresCluster
    let database: ClusterDatabase
    /// Stands between server and PostgreSQL, where it is asked for.
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

    struct Answer: Sendable {
        let status: Int
        let retryAfter: String?
        let duration: Duration
    }

    /// One POST of one fix.
    func post(_ vehicle: String, at milliseconds: Int) async throws -> Answer {
        let fix = SentFix(vehicle, at: milliseconds)
        let keys = ["\(Self.fleet)/\(fix.key)"]
        ledger.sending(keys)
        let start = ContinuousClock.now
        let answer = try await api.post(fixes: SentFix.body([fix]), to: Self.fleet)
        ledger.answered(keys, status: answer.status)
        return Answer(
            status: answer.status, retryAfter: answer["retry-after"],
            duration: start.duration(to: ContinuousClock.now))
    }

    /// Posts the same until it is taken.
    func postUntilTaken(_ vehicle: String, at milliseconds: Int) async throws -> Bool {
        try await eventually(within: .seconds(30)) {
            try await self.post(vehicle, at: milliseconds).status == 202
        }
    }

    /// The status of `/ready`, and what it says of the database.
    func readiness() async throws -> (status: Int, database: String) {
        struct Ready: Decodable {
            struct Check: Decodable {
                let detail: String
            }
            let checks: [String: Check]
        }
        let answer = try await APIClient(port: server.publicPort).get("/ready")
        return (answer.status, try answer.json(Ready.self).checks["database"]?.detail ?? "")
    }

    /// How long `GET status` takes; nil when it is not answered with 200.
    func statusTime() async throws -> Duration? {
        let start = ContinuousClock.now
        let answer = try await APIClient(port: server.publicPort).get("/api/v1/fleets/\(Self.fleet)/status")
        return answer.status == 200 ? start.duration(to: ContinuousClock.now) : nil
    }

    /// What the table lacks of what was acknowledged, has twice, or has though nobody sent it.
    func faultsOfTheTable() async throws -> [String] {
        let session = try await SuperuserSession(database)
        let counts = try await session.keys()
        await session.close()
        return ledger.acknowledged.filter { counts[$0] == nil }.map { "lost \($0)" }
            + counts.filter { $0.value != 1 }.map { "doubled \($0.key)" }
            + counts.keys.filter { !ledger.sent.contains($0) }.map { "invented \($0)" }
    }

    /// How many lines of the log hold this.
    func lines(with text: String) -> Int {
        server.log.split(separator: "\n").count { $0.contains(text) }
    }
}
