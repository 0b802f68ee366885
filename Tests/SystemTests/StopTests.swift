import Foundation
import HarborFleetTesting
import Testing
import WebSockets

/// How a server goes: what is under way is finished, who listens is told, and it does not take longer than allowed.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StopTests {
    @Test func sigterm_finishesPostsUnderWay_andSeesSubscribersOff() async throws {
        let bench = try await LiveBench(
            environment: ["HARBOR_DRAIN_DELAY_S": "1.5", "HARBOR_DRAIN_TIMEOUT_S": "15"])
        let api = try await bench.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let subscribers = [
            try await bench.subscriber(of: "north"), try await bench.subscriber(of: "north"),
            try await bench.subscriber(of: "north"),
        ]
        let table = try await SuperuserSession(of: bench.server)
        let clock = ContinuousClock()
        try await table.execute("BEGIN; LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
        try await withThrowingTaskGroup(of: RawResponse.self) { tasks in
            for number in 1...6 {
                tasks.addTask { try await api.post([SentFix("b\(number)", at: 0)], to: "north") }
            }
            try await waitUntil { try await table.waitingCommits() > 0 }
            // Subscribers do not wait for the commit, so this tells that every POST has arrived.
            try await waitUntil { subscribers[0].messages(of: "position").count == 6 }
            let start = clock.now
            bench.server.send(SIGTERM)
            // Still served, but a load balancer is told to look elsewhere.
            try await waitUntil { try await api.get("/ready").status == 503 }
            #expect(try await api.get("/api/v1/fleets/north/status").status == 200)
            try await waitUntil { (try? RawClient(port: api.port)) == nil }
            #expect(clock.now - start >= .seconds(1.5))
            try await waitUntil { subscribers.allSatisfy { $0.closeCode == .serviceRestart } }
            try await table.execute("COMMIT")
            for try await answer in tasks {
                #expect(answer.status == 202, "\(answer.text)")
                #expect(answer["connection"] == "close")
            }
            #expect(
                try await bench.exit(within: .seconds(15)) == .code(0), "\(bench.server.log.suffix(2_000))")
            #expect(clock.now - start < .seconds(15))
        }
        let keys = ["a", "b1", "b2", "b3", "b4", "b5", "b6"].map { SentFix($0, at: 0).key }
        #expect(try await table.newest(of: "north") == keys)
        #expect(subscribers.allSatisfy { $0.faults == [] })
        await table.close()
    }

    @Test func sigint_endsFast_andStopsThePrivatePostgres() async throws {
        let bench = try await LiveBench(database: .privatePostgres)
        let api = try await bench.addFleet("north")
        let subscriber = try await bench.subscriber(of: "north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let postmaster = try #require(bench.postmaster)
        #expect(kill(postmaster, 0) == 0)
        let start = ContinuousClock.now
        bench.server.send(SIGINT)
        #expect(try await bench.exit(within: .seconds(10)) == .code(0))
        let duration = ContinuousClock.now - start
        // The default drain delay of 5 s is not for who presses Ctrl-C.
        #expect(duration < .seconds(4), "\(duration)\n\(bench.server.log.suffix(2_000))")
        try await waitUntil { subscriber.closeCode == .serviceRestart }
        #expect(kill(postmaster, 0) != 0 && errno == ESRCH)
        #expect(bench.postmaster == nil)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func secondSignal_endsAtOnce(_ signal: CInt) async throws {
        let bench = try await LiveBench()
        let api = try await bench.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let table = try await SuperuserSession(of: bench.server)
        try await table.execute("BEGIN; LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
        let stuck = Task { try await api.post([SentFix("a", at: 1_000)], to: "north") }
        try await waitUntil { try await table.waitingCommits() > 0 }
        bench.server.send(signal)
        // Until then the second signal would be the first one.
        try await waitUntil { bench.server.log.contains("stopping") }
        #expect(bench.server.isRunning)
        let start = ContinuousClock.now
        bench.server.send(signal)
        #expect(try await bench.exit(within: .seconds(5)) == .code(130))
        let duration = ContinuousClock.now - start
        #expect(duration < .seconds(1), "\(duration)")
        await #expect(throws: RawClient.Failure.self) { try await stuck.value }
        try await table.execute("COMMIT")
        #expect(try await table.newest(of: "north").count == 1)
        await table.close()
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

extension SuperuserSession {
    /// How many of the recorder's statements wait for a lock.
    fileprivate func waitingCommits() async throws -> Int64 {
        try await number(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
              AND application_name LIKE '%/recorder' AND wait_event_type = 'Lock'
            """)
    }
}
