import Foundation
import HarborFleetTesting
import Synchronization
import Testing

/// The whole server through a PgBouncer in transaction mode, with `DATABASE_DIRECT_URL` past it.
@Suite struct PgBouncerServerTests {
    @Test(.timeLimit(.minutes(3)))
    func server_storesReadsAndFollowsChanges_throughPgBouncer() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let bouncer = try await PgBouncer(before: database.tcpURL)
        // The direct URL names a service file, which libpq reads.
        let services = "/tmp/hf-services-" + UUID().uuidString
        let lines = ["[direct]"] + database.tcpURL.split(separator: " ").map(String.init)
        try lines.joined(separator: "\n").write(toFile: services, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: services) }
        let server = try await ServerProcess(
            database: .url(bouncer.url),
            environment: [
                "DATABASE_DIRECT_URL": "service=direct", "PGSERVICEFILE": services, "HARBOR_RECONCILE_S": "2",
            ])
        try await server.start()
        try await server.addFleet("north")
        let secret = try await server.addPartner("acme", fleets: ["north"])
        let token = try await server.addToken("desk")
        let api = APIClient(port: server.publicPort, token: token, secret: secret)

        try await load(api, second: 0)
        let table = try await SuperuserSession(of: server)
        try await api.waitUntilStatusIsTable(table, of: "north")

        // The successor of a killed server reloads, and follows what is added and revoked.
        await server.stop(SIGKILL)
        try await server.start()
        #expect(try await api.newestFixes(of: "north") == table.newest(of: "north"))
        try await load(api, second: 1_000)
        let counts = try await table.keys()
        #expect(counts.count == 2 * 16 * 250)
        #expect(counts.values.allSatisfy { $0 == 1 })
        _ = try await server.run(["tokens", "revoke", "desk"])
        try await api.waitForStatus(401, of: "/api/v1/fleets/north/status")
        await table.close()
        #expect(!server.log.contains("the database is unavailable"))

        // PgBouncer goes on, and accepts connections, while PostgreSQL is away.
        try await cluster.stop()
        try await server.waitUntilNotReady()
        try await cluster.start()
        try await server.waitUntilReady(within: .seconds(20))
        #expect(await server.stop(SIGINT) == .code(0))
    }

    @Test(.timeLimit(.minutes(2)))
    func frozenPgBouncer_losesAndDoublesNothing_andPostsAreRefusedInTime() async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let bouncer = try await PgBouncer(before: database.tcpURL)
        let server = try await ServerProcess(
            database: .url(bouncer.url), environment: ["DATABASE_DIRECT_URL": database.tcpURL])
        try await server.start()
        try await server.addFleet("north")
        let api = try await server.partner(of: "north")
        let (ledger, slowest) = (Ledger(), Slowest())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<6 { group.addTask { try await Self.post(api, as: "v\(lane)", ledger, slowest) } }
            try await ledger.wait(within: .seconds(20)) { $0.posts >= 60 }
            bouncer.freeze()
            try await ledger.wait(within: .seconds(20)) { $0.refusals[503, default: 0] >= 30 }
            try await server.waitUntilNotReady()
            bouncer.thaw()
            let before = ledger.posts
            try await ledger.wait(within: .seconds(30)) { $0.posts >= before + 60 }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(ledger.refusals.keys.allSatisfy { $0 == 503 }, "\(ledger.refusals)")
        // 5 s are promised.
        #expect(slowest.duration < .seconds(7), "\(slowest.duration)")
        let table = try await SuperuserSession(of: server)
        let counts = try await table.keys()
        await table.close()
        #expect(ledger.acknowledged.allSatisfy { counts[$0] != nil })
        #expect(counts.values.allSatisfy { $0 == 1 })
        let sent = ledger.sent
        #expect(counts.keys.allSatisfy(sent.contains))
        print(
            "frozen PgBouncer: \(ledger.posts) x 202, \(ledger.refusals) refused,",
            "slowest \(slowest.duration)")
    }

    /// Posts one fix after the other, each until it is acknowledged.
    private static func post(
        _ api: APIClient, as vehicle: String, _ ledger: Ledger, _ slowest: Slowest
    ) async throws {
        var number = 0
        while !Task.isCancelled {
            let fix = SentFix(vehicle, at: number * 10)
            let keys = ["north/\(fix.key)"]
            ledger.sending(keys)
            let start = ContinuousClock.now
            let response = try await api.post(fixes: SentFix.body([fix]), to: "north")
            slowest.took(start.duration(to: .now))
            ledger.received(response.status, for: keys)
            if response.status == 202 {
                number += 1
            } else {
                // A partner's pause after a refusal.
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// 16 POSTs of 250 fixes at once.
    private func load(_ api: APIClient, second: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let fixes = (0..<250).map {
                        SentFix("v\(number)-\($0 % 10)", at: (second + $0) * 1_000)
                    }
                    let response = try await api.post(fixes: SentFix.body(fixes), to: "north")
                    #expect(response.status == 202, "\(response.text)")
                }
            }
            try await group.waitForAll()
        }
    }
}

/// The longest time that a response took.
private final class Slowest: Sendable {
    private let longest = Mutex(Duration.zero)

    var duration: Duration { longest.withLock { $0 } }

    func took(_ duration: Duration) { longest.withLock { $0 = max($0, duration) } }
}
