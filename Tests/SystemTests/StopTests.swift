import Foundation
import HarborFleetTesting
import Testing
import WebSockets

/// The stop of a server: it finishes the requests under way, tells its subscribers, and takes no longer than allowed.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StopTests {
    /// A server with one fleet that holds one fix, and whose commits a test can hold back.
    private struct Bench {
        let server: ServerProcess
        let live: LiveBench
        let api: APIClient
        let table: SuperuserSession
        let gate: CommitGate

        init(environment: [String: String] = [:]) async throws {
            live = try await LiveBench(environment: environment)
            server = live.server
            api = try await live.addFleet("north")
            #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
            table = try await SuperuserSession(of: server)
            gate = try await CommitGate(table)
        }
    }

    @Test func sigterm_finishesPostsUnderWay_andClosesStreamsWithServiceRestart() async throws {
        let delay: Duration = .seconds(1)
        let bench = try await Bench(
            environment: ["HARBOR_DRAIN_DELAY_S": "1", "HARBOR_DRAIN_TIMEOUT_S": "15"])
        let api = bench.api
        var subscribers: [LiveClient] = []
        for _ in 1...3 { subscribers.append(try await bench.live.subscriber(of: "north")) }
        for subscriber in subscribers { try await subscriber.messages(count: 1) }
        let clock = ContinuousClock()
        try await bench.gate.close()
        try await withThrowingTaskGroup(of: RawResponse.self) { tasks in
            for number in 1...6 {
                tasks.addTask { try await api.post([SentFix("b\(number)", at: 0)], to: "north") }
            }
            try await bench.server.logLine(containing: CommitGate.notice)
            // Subscribers do not wait for the commit, so this shows that every POST has arrived.
            try await subscribers[0].messages(count: 7)
            let start = clock.now
            bench.server.send(SIGTERM)
            try await bench.server.logLine(saying: "stopping")
            // Requests are still served, but a load balancer must look elsewhere. The guard enters the drain a moment
            // after the line, and only /ready shows it.
            try await bench.server.waitUntilNotReady()
            #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
            for subscriber in subscribers {
                #expect(try await subscriber.waitForClose() == .serviceRestart)
            }
            #expect(clock.now - start >= delay)
            // Each loop closes its own listener. No client hears of it: only a refused connection shows it.
            try await waitUntil { (try? RawClient(port: api.port)) == nil }
            try await bench.gate.open()
            for try await response in tasks {
                #expect(response.status == 202, "\(response.text)")
                #expect(response["connection"] == "close")
            }
            let exit = await bench.server.exit(within: .seconds(15))
            #expect(exit == .code(0), "\(bench.server.log.suffix(2_000))")
            #expect(clock.now - start < .seconds(15))
        }
        let keys = ["a", "b1", "b2", "b3", "b4", "b5", "b6"].map { SentFix($0, at: 0).key }
        #expect(try await bench.table.newest(of: "north") == keys)
        #expect(subscribers.allSatisfy { $0.faults == [] })
        await bench.table.close()
    }

    @Test func sigint_endsTheServerWithoutDrainDelay_andStopsThePrivatePostgres() async throws {
        let bench = try await LiveBench(database: .privatePostgres)
        let api = try await bench.addFleet("north")
        let subscriber = try await bench.subscriber(of: "north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let postmaster = try #require(bench.postmaster)
        #expect(kill(postmaster, 0) == 0)
        let start = ContinuousClock.now
        bench.server.send(SIGINT)
        #expect(await bench.server.exit(within: .seconds(10)) == .code(0))
        let duration = ContinuousClock.now - start
        // The default drain delay of 5 s is for SIGTERM alone.
        #expect(duration < .seconds(4), "\(duration)\n\(bench.server.log.suffix(2_000))")
        #expect(try await subscriber.waitForClose() == .serviceRestart)
        #expect(kill(postmaster, 0) != 0 && errno == ESRCH)
        #expect(bench.postmaster == nil)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func secondSignal_endsTheServerAtOnce(_ signal: CInt) async throws {
        let bench = try await Bench()
        let api = bench.api
        try await bench.gate.close()
        let stuck = Task { try await api.post([SentFix("a", at: 1_000)], to: "north") }
        try await bench.server.logLine(containing: CommitGate.notice)
        bench.server.send(signal)
        // A signal before this line would be taken for the first one.
        try await bench.server.logLine(saying: "stopping")
        #expect(bench.server.isRunning)
        let start = ContinuousClock.now
        bench.server.send(signal)
        #expect(await bench.server.exit(within: .seconds(5)) == .code(130))
        let duration = ContinuousClock.now - start
        #expect(duration < .seconds(1), "\(duration)")
        await #expect(throws: RawClient.Failure.self) { try await stuck.value }
        try await bench.gate.open()
        #expect(try await bench.table.newest(of: "north").count == 1)
        await bench.table.close()
    }
}

extension LiveBench {
    /// The process id of the private PostgreSQL, from `postmaster.pid`; nil when it does not run.
    fileprivate var postmaster: pid_t? {
        server.home.text(of: "data/postgres/postmaster.pid").split(separator: "\n").first.flatMap {
            pid_t($0)
        }
    }
}
