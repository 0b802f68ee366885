import Foundation
import HarborFleet
import HarborFleetTesting
import Testing

/// The three ways in which a commit can come after the load that should have shown it. A `CommitGate` holds the commit
/// back for as long as each takes. The periodic reconcile is off or an hour away, so only the mechanism under test can
/// help. The last case is the reconcile's own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RaceTests {
    /// The tracker restarts between submit and commit. The commit is merged because the epoch changed.
    @Test func commit_isMerged_whenTheTrackerReloadedBeforeIt() async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            try await bench.wait(for: north) { $0.seq == 2 }
            let generation = try #require(bench.fleets.snapshot(of: north)).generation
            let session = try await SuperuserSession(url: bench.database.url)
            let gate = try await CommitGate(session)
            try await gate.close()
            async let late = bench.ingest(["a"], at: 2, into: north)
            await bench.recorderLog.wait { lines in
                lines.contains { $0["notice"]?.contains(CommitGate.notice) == true }
            }
            bench.poison.armOnce()
            async let poisoned = bench.ingest([Poison.vehicle], at: 2, into: north)
            try await bench.wait(for: north) { $0.generation > generation }
            // The load does not show the fix that waits for its commit.
            #expect(bench.positions(of: north) == [CrashBench.key("a", at: 1), CrashBench.key("b", at: 1)])

            try await gate.open()

            #expect(try await late.accepted == 1)
            #expect(try await poisoned.accepted == 1)
            try await bench.waitUntilMemoryIsTable(north)
            #expect(bench.positions(of: north).count == 3)
            await session.close()
        }
    }

    /// The backend of a killed server finishes its statement after the next server has loaded.
    @Test func commitOfAKilledServer_isMerged_whenItsBackendEnds() async throws {
        let bench = try await LiveBench(environment: ["HARBOR_RECONCILE_S": "3600"])
        let api = try await bench.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let session = try await SuperuserSession(url: try #require(bench.server.databaseURL))
        let gate = try await CommitGate(session)
        try await gate.close()
        let stuck = Task { try await api.post([SentFix("a", at: 1_000)], to: "north") }
        try await bench.server.logLine(containing: CommitGate.notice)
        #expect(await bench.server.stop(SIGKILL) == .signal(SIGKILL))
        await #expect(throws: RawClient.Failure.self) { try await stuck.value }
        try await bench.server.start()
        // The new server has loaded, and the statement of the killed one still waits.
        let subscriber = try await bench.subscriber(of: "north")
        try await subscriber.messages(count: 1)
        #expect(try await api.newestFixes(of: "north") == [SentFix("a", at: 0).key])
        #expect(try await gate.waiting() == 1)

        try await gate.open()

        try await subscriber.message(within: Self.soon) { $0.type == "position" }
        #expect(try await api.newestFixes(of: "north") == [SentFix("a", at: 1_000).key])
        try await bench.server.logLine(containing: #""message":"merged "#)
        await session.close()
    }

    /// The old process of a deploy was at rest when the new one started, and commits after the new one has loaded. The
    /// new one merges the commit when the old one has gone, and by the reconcile as long as the old one stays.
    @Test(arguments: [true, false])
    func commitOfTheOldServer_isMergedByTheNewOne_whetherTheOldOneGoesOrStays(oldOneGoes: Bool) async throws {
        let key = String(repeating: "A", count: 43) + "="
        let old = try await LiveBench(environment: ["HARBOR_RECONCILE_S": "3600", "HARBOR_SECRET_KEY": key])
        let api = try await old.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let url = try #require(old.server.databaseURL)
        let session = try await SuperuserSession(url: url)
        let gate = try await CommitGate(session)
        try await session.waitUntilRecordersRest()
        let new = try await LiveBench(
            database: .url(url),
            environment: ["HARBOR_RECONCILE_S": oldOneGoes ? "3600" : "1", "HARBOR_SECRET_KEY": key])
        try await gate.close()
        async let late = api.post([SentFix("a", at: 1_000)], to: "north")
        try await old.server.logLine(containing: CommitGate.notice)
        // The subscription makes the new server load the fleet.
        let subscriber = try await new.subscriber(of: "north")
        try await subscriber.messages(count: 1)
        let reader = APIClient(port: new.server.publicPort)
        #expect(try await reader.newestFixes(of: "north") == [SentFix("a", at: 0).key])
        if oldOneGoes {
            old.server.send(SIGTERM)
            try await old.server.logLine(saying: "stopping")
        }

        try await gate.open()

        #expect(try await late.status == 202)
        if oldOneGoes { #expect(await old.server.exit(within: .seconds(20)) == .code(0)) }
        try await subscriber.message(within: Self.soon) { $0.type == "position" }
        #expect(try await reader.newestFixes(of: "north") == [SentFix("a", at: 1_000).key])
        await session.close()
    }

    /// Far sooner than the reconcile of an hour.
    private static let soon: Duration = .seconds(15)
}

extension CrashBench {
    /// `vehicle@milliseconds`.
    fileprivate static func key(_ vehicle: String, at second: Int) -> String {
        "\(vehicle)@\(time(at: second).milliseconds)"
    }
}

extension SuperuserSession {
    /// Returns when every recorder has done nothing for 2.5 s. A server calls a recorder busy for 2 s after its last
    /// statement. Only time brings this about, so PostgreSQL sleeps until then.
    fileprivate func waitUntilRecordersRest() async throws {
        _ = try await query(
            """
            SELECT pg_sleep_until(max(state_change) + interval '2.5 seconds') FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE '%/recorder'
            """)
    }
}
