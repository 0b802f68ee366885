import Foundation
import HarborFleet
import HarborFleetTesting
import Testing

/// The three ways in which a commit can come after the load that should have shown it. A lock in PostgreSQL makes the
/// commit wait for as long as each takes. The periodic reconcile is off or an hour away, so that only the mechanism
/// that is meant for the race can help; only the last case is the reconcile's own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RaceTests {
    /// A tracker restarted between submit and commit: merged after the commit, because its epoch changed.
    @Test func commitOfBefore_isMerged_whenTheTrackerReloadedMeanwhile() async throws {
        try await CrashBench.with { bench, north, _ in
            try await bench.ingest(["a", "b"], at: 1, into: north)
            try await waitUntil { bench.fleets.snapshot(of: north)?.seq == 2 }
            let generation = try #require(bench.fleets.snapshot(of: north)).generation
            let lock = try await SuperuserSession(url: bench.database.url)
            try await lock.holdCommits()
            async let late = bench.ingest(["a"], at: 2, into: north)
            try await waitUntil { try await lock.waitingStatements() == 1 }
            bench.poison.armOnce()
            async let poisoned = bench.ingest([Poison.vehicle], at: 2, into: north)
            try await waitUntil { (bench.fleets.snapshot(of: north)?.generation ?? 0) > generation }
            // What was on its way when the tracker loaded is not there.
            #expect(bench.positions(of: north) == [CrashBench.key("a", at: 1), CrashBench.key("b", at: 1)])

            try await lock.letCommitsGo()

            #expect(try await late.accepted == 1)
            #expect(try await poisoned.accepted == 1)
            try await waitUntil {
                try await bench.newestRows(of: north) == bench.positions(of: north)
            }
            #expect(bench.positions(of: north).count == 3)
            await lock.close()
        }
    }

    /// A killed server's backend finishes its statement when the next server has loaded.
    @Test func commitOfAKilledServer_isMerged_whenItsBackendEnds() async throws {
        let bench = try await LiveBench(environment: ["HARBOR_RECONCILE_S": "3600"])
        let api = try await bench.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let lock = try await SuperuserSession(url: try #require(bench.server.databaseURL))
        try await lock.holdCommits()
        let stuck = Task { try await api.post([SentFix("a", at: 1_000)], to: "north") }
        try await waitUntil { try await lock.waitingStatements() == 1 }
        #expect(await bench.server.stop(SIGKILL) == .signal(SIGKILL))
        await #expect(throws: RawClient.Failure.self) { try await stuck.value }
        try await bench.server.start()
        // It has loaded, and the dead server's statement still waits.
        #expect(try await Self.status(of: "north", at: api.port) == [SentFix("a", at: 0).key])
        #expect(try await lock.waitingStatements() == 1)

        try await lock.letCommitsGo()

        #expect(try await Self.shows([SentFix("a", at: 1_000)], at: api.port))
        #expect(bench.server.log.contains("merged the fixes that earlier processes committed"))
        await lock.close()
    }

    /// The old process of a deploy still commits when the new one has loaded, though it was at rest when that one
    /// started: merged when it has gone, and by the reconcile as long as it stays.
    @Test(arguments: [true, false])
    func commitOfTheOldServer_isMergedByTheNewOne(_ oldOneGoes: Bool) async throws {
        let key = String(repeating: "A", count: 43) + "="
        let old = try await LiveBench(environment: ["HARBOR_RECONCILE_S": "3600", "HARBOR_SECRET_KEY": key])
        let api = try await old.addFleet("north")
        #expect(try await api.post([SentFix("a", at: 0)], to: "north").status == 202)
        let url = try #require(old.server.databaseURL)
        let lock = try await SuperuserSession(url: url)
        try await waitUntil { try await lock.recordersAtRest() }
        let new = try await LiveBench(
            database: .url(url),
            environment: ["HARBOR_RECONCILE_S": oldOneGoes ? "3600" : "1", "HARBOR_SECRET_KEY": key])
        try await lock.holdCommits()
        async let late = api.post([SentFix("a", at: 1_000)], to: "north")
        try await waitUntil { try await lock.waitingStatements() == 1 }
        // Loaded by this look at it.
        #expect(
            try await Self.status(of: "north", at: new.server.publicPort) == [SentFix("a", at: 0).key])
        if oldOneGoes {
            old.server.send(SIGTERM)
            try await waitUntil { old.server.log.contains("stopping") }
        }

        try await lock.letCommitsGo()

        #expect(try await late.status == 202)
        if oldOneGoes { #expect(try await old.exit(within: .seconds(20)) == .code(0)) }
        #expect(try await Self.shows([SentFix("a", at: 1_000)], at: new.server.publicPort))
        await lock.close()
    }

    /// Whether the status is these fixes soon: far sooner than the reconcile of an hour.
    private static func shows(_ fixes: [SentFix], at port: UInt16) async throws -> Bool {
        try await eventually(within: .seconds(15)) {
            try await status(of: "north", at: port) == fixes.map(\.key)
        }
    }

    /// `vehicle@milliseconds`.
    private static func status(of fleet: String, at port: UInt16) async throws -> [String] {
        let answer = try await APIClient(port: port).get("/api/v1/fleets/\(fleet)/status")
        return (try LiveMessage(answer.body).vehicles ?? []).map { vehicle in
            "\(vehicle.vehicleId)@\(Timestamp(rfc3339: vehicle.recordedAt)?.milliseconds ?? 0)"
        }.sorted()
    }
}

extension CrashBench {
    /// `vehicle@milliseconds`.
    fileprivate static func key(_ vehicle: String, at second: Int) -> String {
        "\(vehicle)@\(start.advanced(by: .seconds(second)).milliseconds)"
    }
}

extension SuperuserSession {
    /// From now on every commit of fixes waits.
    fileprivate func holdCommits() async throws {
        try await execute("BEGIN; LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
    }

    fileprivate func letCommitsGo() async throws { try await execute("COMMIT") }

    /// Whether every recorder has done nothing for longer than a server takes to think so.
    fileprivate func recordersAtRest() async throws -> Bool {
        try await number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE '%/recorder'
              AND state_change > clock_timestamp() - interval '2.5 seconds'
            """) == 0
    }

    /// How many units of fixes wait for a lock in this database; a server that starts sweeps receipts, which waits too.
    fileprivate func waitingStatements() async throws -> Int64 {
        // In a transaction, as that of `holdCommits`, PostgreSQL else tells of the statements that it saw first.
        _ = try await query("SELECT pg_stat_clear_snapshot()")
        return try await number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%record_fixes%'
              AND pid <> pg_backend_pid()
            """)
    }
}
