import Foundation
import HarborFleetTesting
import Testing

/// `kill -9` under load: each acknowledged fix is in the table once, and memory is what the table says.
@Suite(.serialized) struct KillTests {
    /// `HARBOR_TEST_KILLS`; 3 without it.
    private static let kills =
        ProcessInfo.processInfo.environment["HARBOR_TEST_KILLS"].flatMap { Int($0) } ?? 3

    @Test(.timeLimit(.minutes(10)))
    func acknowledgedFixes_areInTheTableOnce_afterEachKillOfTheServer() async throws {
        let server = try await ServerProcess(
            database: .privatePostgres,
            environment: ["HARBOR_RECONCILE_S": "2", "HARBOR_PUBLIC_READ": "true"])
        try await server.start()
        let (ledger, connections) = try await Self.partners(of: server)
        let table = try await SuperuserSession(of: server)
        for round in 1...max(Self.kills, 1) {
            try await Self.kill(server, under: connections, ledger)
            let restart = try await ContinuousClock().measure { try await server.start() }
            #expect(server.log.components(separatedBy: "private PostgreSQL adopted").count - 1 == round)
            try await Self.check(table, against: ledger, round)
            let reader = APIClient(port: server.publicPort)
            for fleet in ["north", "south"] {
                try await reader.waitUntilStatusIsTable(table, of: fleet, within: .seconds(5))
            }
            let rows = try await table.keys().count
            print(
                "kill \(round): \(ledger.posts) POSTs with \(ledger.acknowledged.count) fixes acknowledged,",
                "\(ledger.sent.count) sent, \(rows) rows, ready again after \(restart)")
        }
        await table.close()
        #expect(ledger.refusals.keys.allSatisfy { $0 == 503 }, "\(ledger.refusals)")
        #expect(await server.stop(SIGINT) == .code(0))
    }

    /// Three partners with two connections each; two of them share a fleet.
    private static func partners(of server: ServerProcess) async throws -> (Ledger, [PostingConnection]) {
        let ledger = Ledger()
        var connections: [PostingConnection] = []
        for fleet in ["north", "south"] { try await server.addFleet(fleet) }
        for (partner, fleet) in [("acme", "north"), ("bolt", "north"), ("cargo", "south")] {
            let api = try await server.partner(partner, of: fleet)
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
            try await ledger.wait(within: .seconds(60)) { $0.posts >= wanted }
            #expect(await server.stop(SIGKILL) == .signal(SIGKILL))
        }
    }

    private static func check(_ table: SuperuserSession, against ledger: Ledger, _ round: Int) async throws {
        let counts = try await table.keys()
        let lost = ledger.acknowledged.filter { counts[$0] == nil }
        #expect(
            lost.isEmpty, "round \(round): \(lost.count) acknowledged fixes lost, such as \(lost.first ?? "")"
        )
        #expect(counts.values.allSatisfy { $0 == 1 }, "round \(round): a fix is stored more than once")
        let sent = ledger.sent
        let invented = counts.keys.filter { !sent.contains($0) }
        #expect(invented.isEmpty, "round \(round): \(invented.count) fixes that no partner sent")
    }
}
