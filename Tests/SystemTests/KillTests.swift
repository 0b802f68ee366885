import EventLoops
import Foundation
import HarborFleet
import HarborFleetTesting
import Postgres
import Testing

/// `kill -9` in the middle of a load: what was acknowledged is there, once, and memory is what the table is.
@Suite(.serialized) struct KillTests {
    /// `HARBOR_TEST_KILLS`; 3 where nobody asks for more.
    private static let kills =
        ProcessInfo.processInfo.environment["HARBOR_TEST_KILLS"].flatMap { Int($0) } ?? 3

    @Test(.timeLimit(.minutes(10)))
    func acknowledgedFixes_areInTheTableOnce_afterEachKill() async throws {
        let server = try await ServerProcess(
            database: .privatePostgres,
            environment: ["HARBOR_RECONCILE_S": "2", "HARBOR_PUBLIC_READ": "true"])
        try await server.start()
        let (ledger, connections) = try await Self.partners(of: server)
        let table = try await FixTable(of: server)
        for round in 1...max(Self.kills, 1) {
            try await Self.kill(server, under: connections, ledger)
            let restart = try await ContinuousClock().measure { try await server.start() }
            #expect(server.log.components(separatedBy: "private PostgreSQL adopted").count - 1 == round)
            try await Self.check(table, against: ledger, round)
            for fleet in ["north", "south"] {
                let isEqual = try await eventually(within: .seconds(5)) {
                    try await Self.status(of: fleet, server) == table.newest(of: fleet)
                }
                #expect(isEqual, "round \(round): the status of \(fleet) is not what the table says")
            }
            let rows = try await table.keys().count
            print(
                "kill \(round): \(ledger.posts) POSTs with \(ledger.acknowledged.count) fixes acknowledged,",
                "\(ledger.sent.count) sent, \(rows) rows, ready again after \(restart)")
        }
        await table.close()
        #expect(ledger.refusals.keys.allSatisfy { $0 == 503 }, "\(ledger.refusals)")
        server.send(SIGINT)
        #expect(await server.waitForExit() == .code(0))
    }

    /// Three partners with two connections each; two of them share a fleet.
    private static func partners(of server: ServerProcess) async throws -> (Ledger, [PostingConnection]) {
        let ledger = Ledger()
        var connections: [PostingConnection] = []
        for fleet in ["north", "south"] { try await server.addFleet(fleet) }
        for (partner, fleet) in [("acme", "north"), ("bolt", "north"), ("cargo", "south")] {
            let secret = try await server.addPartner(partner, fleets: [fleet])
            let api = APIClient(port: server.publicPort, secret: secret)
            for number in 1...2 {
                connections.append(
                    PostingConnection("\(partner)\(number)", fleet: fleet, api: api, ledger: ledger))
            }
        }
        return (ledger, connections)
    }

    /// Kills the server while every connection posts.
    private static func kill(
        _ server: ServerProcess, under connections: [PostingConnection], _ ledger: Ledger
    ) async throws {
        let wanted = ledger.posts + Int.random(in: 60...300)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for connection in connections { tasks.addTask { await connection.run() } }
            let hasLoad = try await eventually(within: .seconds(60)) { ledger.posts >= wanted }
            #expect(hasLoad, "\(ledger.posts) POSTs, \(ledger.refusals)")
            server.send(SIGKILL)
            #expect(await server.waitForExit() == .signal(SIGKILL))
        }
    }

    private static func check(_ table: FixTable, against ledger: Ledger, _ round: Int) async throws {
        let counts = try await table.keys()
        let lost = ledger.acknowledged.filter { counts[$0] == nil }
        #expect(
            lost.isEmpty, "round \(round): \(lost.count) acknowledged fixes lost, such as \(lost.first ?? "")"
        )
        #expect(counts.values.allSatisfy { $0 == 1 }, "round \(round): a fix is there more than once")
        let invented = counts.keys.filter { !ledger.sent.contains($0) }
        #expect(invented.isEmpty, "round \(round): \(invented.count) fixes that nobody sent")
    }

    /// What `GET status` says: `vehicle@milliseconds`.
    private static func status(of fleet: String, _ server: ServerProcess) async throws -> [String] {
        let answer = try await APIClient(port: server.publicPort).get("/api/v1/fleets/\(fleet)/status")
        let status = try LiveMessage(answer.body)
        return (status.vehicles ?? []).map { vehicle in
            "\(vehicle.vehicleId)@\(Timestamp(rfc3339: vehicle.recordedAt)?.milliseconds ?? 0)"
        }.sorted()
    }
}

/// The rows of a server's database, read past the server.
struct FixTable: Sendable {
    private let connection: PostgresConnection

    init(of server: ServerProcess) async throws {
        let url =
            if let url = server.databaseURL { url } else {
                try await server.run(["database", "url"]).standardOutput
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
        let loop = try EventLoop(label: "test.fix-table")
        loop.start()
        connection = try await PostgresConnection.open(
            PostgresConfiguration(
                url: url, applicationName: "harbor-fleet/test", statementTimeout: .seconds(60)),
            on: loop, logger: .init(label: "test"))
    }

    func close() async {
        await connection.close()
        await connection.loop.stop()
    }

    /// How often each fix is there, by `fleet/vehicle@milliseconds`.
    func keys() async throws -> [String: Int64] {
        let rows = try await connection.query(
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
        let rows = try await connection.query(
            """
            SELECT v.vehicle_id, max(x.recorded_at) FROM fixes x JOIN vehicles v USING (vehicle_key)
            JOIN fleets f USING (fleet_key) WHERE f.fleet_id = $1 GROUP BY 1
            """, [.text(fleet)])
        return try rows.map { "\(try $0.string(0))@\(try $0.milliseconds(1))" }.sorted()
    }

    func number(_ sql: String) async throws -> Int64 {
        let rows = try await connection.query(sql)
        return try rows[0].int64(0)
    }

    /// Any statements; a transaction that they begin stays open.
    func execute(_ script: String) async throws {
        _ = try await connection.execute(script: script)
    }
}
