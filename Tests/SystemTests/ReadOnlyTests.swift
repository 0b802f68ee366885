import Foundation
import HarborFleetTesting
import Testing

/// A database that takes no writes for a while, and sessions that were started meanwhile.
///
/// What is promised is 202 within 5 s of the end; the bounds leave some air for a loaded machine.
@Suite(.serialized) struct ReadOnlyTests {
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

        /// How long it takes until a POST is taken.
        func timeUntilTaken(_ second: Int) async throws -> Duration {
            let start = ContinuousClock.now
            try await waitUntil(within: .seconds(30)) { try await post(second) == 202 }
            let duration = start.duration(to: .now)
            print("taken after \(duration)")
            return duration
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func aReadOnlyDefault_endsWithItsCause(throughPgBouncer: Bool) async throws {
        let cluster = try await PostgresCluster()
        let database = try await cluster.makeDatabase()
        let bouncer = throughPgBouncer ? try await PgBouncer(before: database.tcpURL) : nil
        let bench = try await Bench(bouncer?.url ?? database.tcpURL)
        #expect(try await bench.post(0) == 202)

        for round in 1...2 {
            try await SuperuserSession.execute(
                "ALTER DATABASE \(database.name) SET default_transaction_read_only = on", on: database)
            try await cluster.endConnections()
            try await waitUntil { try await bench.post(round) == 503 }
            try await waitUntil {
                try await bench.server.check("database")?.detail == "the database is read-only"
            }
            #expect(try await bench.post(round) == 503)
            // A new session has been tried meanwhile.
            try await waitUntil { bench.server.log.contains("the database accepts no writes") }
            // A server that is started meanwhile.
            if round == 2 {
                await bench.server.stop(SIGKILL)
                try bench.server.launch()
                try await waitUntil { (try? await bench.post(round)) == 503 }
            }
            try await SuperuserSession.execute(
                "ALTER DATABASE \(database.name) RESET default_transaction_read_only", on: database)
            #expect(try await bench.timeUntilTaken(round) < Self.soon)
            try await waitUntil(within: .seconds(10)) { try await bench.server.isReady() }
        }
        #expect(bench.server.log.contains("the database accepts writes again"))
    }

    @Test(.timeLimit(.minutes(2)))
    func aFailover_isFollowed_whileTheOldPrimaryIsAStandby() async throws {
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
        try await waitUntil { try await bench.post(1) == 503 }
        // The standby can be read from.
        try await waitUntil {
            try await bench.server.check("database")?.detail == "the database is read-only"
        }
        try await second.promote()
        try await first.follow(second)
        #expect(try await bench.timeUntilTaken(1) < Self.soon)
        try await waitUntil(within: .seconds(10)) { try await bench.server.isReady() }

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
