import Foundation
import HarborFleetTesting
import Testing

/// A database that accepts no writes for a while, and sessions that start meanwhile.
///
/// A 202 is promised within 5 s of the end. The bounds have a margin for a loaded machine.
@Suite struct ReadOnlyTests {
    private static let soon: Duration = .seconds(8)

    private struct Bench {
        let server: ServerProcess
        let api: APIClient

        init(_ url: String) async throws {
            server = try await ServerProcess(
                database: .url(url), environment: ["HARBOR_PUBLIC_READ": "true", "HARBOR_RECONCILE_S": "2"])
            try await server.start()
            try await server.addFleet("north")
            api = try await server.partner(of: "north")
        }

        func post(_ second: Int) async throws -> Int {
            try await api.post(fixes: SentFix.body([SentFix("van", at: second * 1_000)]), to: "north").status
        }

        /// How long it takes until a POST is acknowledged.
        func timeUntilAcknowledged(_ second: Int) async throws -> Duration {
            let start = ContinuousClock.now
            try await api.waitForPost(202, at: second * 1_000, within: .seconds(30))
            let duration = start.duration(to: .now)
            print("read-only: acknowledged after \(duration)")
            return duration
        }

        func waitUntilRefused(_ second: Int) async throws {
            try await api.waitForPost(503, at: second * 1_000)
        }

        func waitUntilReadOnly() async throws {
            try await server.waitForCheck("database") { $0.detail == "the database is read-only" }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func readOnlyDefault_endsForTheServer_whenItEndsForTheDatabase(throughPgBouncer: Bool) async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let bouncer = throughPgBouncer ? try await PgBouncer(before: database.tcpURL) : nil
        let bench = try await Bench(bouncer?.url ?? database.tcpURL)
        #expect(try await bench.post(0) == 202)

        for round in 1...2 {
            try await SuperuserSession.execute(
                "ALTER DATABASE \(database.name) SET default_transaction_read_only = on", on: database)
            try await cluster.endConnections()
            try await bench.waitUntilRefused(round)
            try await bench.waitUntilReadOnly()
            #expect(try await bench.post(round) == 503)
            // A new session has been tried meanwhile.
            try await bench.server.logLine(containing: " no writes")
            // A server that starts meanwhile.
            if round == 2 {
                await bench.server.stop(SIGKILL)
                try bench.server.launch()
                try await bench.server.logLine(saying: "listening")
                try await bench.waitUntilRefused(round)
            }
            try await SuperuserSession.execute(
                "ALTER DATABASE \(database.name) RESET default_transaction_read_only", on: database)
            #expect(try await bench.timeUntilAcknowledged(round) < Self.soon)
            try await bench.server.waitUntilReady(within: .seconds(10))
            // The line comes when every pool has a session that writes. The next round must not begin before.
            if round == 1 { try await bench.server.logLine(saying: "the database accepts writes again") }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func server_writesToTheNewPrimary_afterAFailover() async throws {
        let first = try await PostgresCluster()
        let database = try await first.makeDatabase()
        let second = try await PostgresCluster(standbyOf: first)
        let relays = try [first, second].map { try FaultProxy(to: .tcp(port: $0.port)) }
        let url =
            "host=127.0.0.1,127.0.0.1 port=\(relays[0].port),\(relays[1].port) dbname=\(database.name) "
            + "user=\(PostgresCluster.role)"
        let bench = try await Bench(url)
        #expect(try await bench.post(0) == 202)

        try await first.stop()
        try await bench.waitUntilRefused(1)
        // The standby accepts reads.
        try await bench.waitUntilReadOnly()
        try await second.promote()
        try await first.follow(second)
        #expect(try await bench.timeUntilAcknowledged(1) < Self.soon)
        try await bench.server.waitUntilReady(within: .seconds(10))

        // The old primary, now a standby, is the first of the hosts.
        await bench.server.stop(SIGKILL)
        try await bench.server.start()
        #expect(try await bench.post(2) == 202)
        let session = try await SuperuserSession(
            url: "host=127.0.0.1 port=\(second.port) dbname=\(database.name) user=postgres")
        #expect(try await session.number("SELECT count(*) FROM fixes") == 3)
        await session.close()
    }
}
