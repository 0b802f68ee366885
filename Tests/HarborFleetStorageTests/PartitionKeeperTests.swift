import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// The keeper beside other sessions that use the table, and after sessions that left work half done.
@Suite(.timeLimit(.minutes(2))) struct PartitionKeeperTests {
    private let now = StorageBench.now
    private let keeper: PartitionKeeper

    init() {
        var configuration = PartitionKeeperConfiguration()
        configuration.lockTimeout = .milliseconds(200)
        configuration.patience = .milliseconds(500)
        keeper = PartitionKeeper(configuration: configuration)
    }

    // MARK: Ingest goes on

    @Test(arguments: [
        "SELECT count(*) FROM fixes",
        "INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, post_id) "
            + "VALUES (9, '2026-11-20 12:00:00+00', now(), 1, 1, gen_random_uuid())",
        "DELETE FROM fixes WHERE vehicle_key = 7",
    ])
    func openTransaction_delaysOnlyTheDrop_andNeverIngest(statement: String) async throws {
        try await PartitionBench.with { bench in
            _ = try await keeper.ensure(now: now, retentionDays: 5, on: bench.keeping)
            try await bench.other.execute(script: "BEGIN; \(statement)")

            let later = now.advanced(by: .seconds(86_400))
            let (made, dropped) = try await bench.ingesting {
                let made = try await keeper.ensure(now: later, retentionDays: 4, on: bench.keeping)
                let dropped = try await keeper.dropExpired(now: later, retentionDays: 4, on: bench.keeping)
                return (made, dropped)
            }
            #expect(made.created == ["fixes_20261128"] && made.problems == [])
            #expect(dropped.dropped == [] && dropped.problems.count == 1)

            try await bench.other.execute(script: "COMMIT")
            let again = try await keeper.dropExpired(now: later, retentionDays: 4, on: bench.keeping)
            #expect(again.dropped == ["fixes_20261115", "fixes_20261116"] && again.problems == [])
        }
    }

    @Test func heldLock_isNotWaitedForLong_andIngestGoesOn() async throws {
        try await PartitionBench.with { bench in
            _ = try await keeper.ensure(now: now, retentionDays: 1, on: bench.keeping)
            try await bench.other.execute(
                script: "BEGIN; LOCK TABLE fixes IN SHARE UPDATE EXCLUSIVE MODE")
            let report = try await bench.ingesting {
                try await keeper.ensure(now: now, retentionDays: 2, on: bench.keeping)
            }
            #expect(report.created == [] && report.problems.count == 1)
            try await bench.other.execute(script: "COMMIT")
            let again = try await keeper.ensure(now: now, retentionDays: 2, on: bench.keeping)
            #expect(again.created == ["fixes_20261118"] && again.problems == [])
            let timeout = try await bench.keeping.text("SHOW lock_timeout")
            #expect(timeout == "0")
        }
    }

    // MARK: Two keepers

    @Test func keepers_makeAndDropEachPartitionOnce() async throws {
        try await PartitionBench.with { bench in
            let keeper = PartitionKeeper()
            async let first = keeper.ensure(now: now, retentionDays: 30, on: bench.keeping)
            async let second = keeper.ensure(now: now, retentionDays: 30, on: bench.other)
            let made = try await [first, second]
            #expect(made.map(\.created.count).sorted() == [0, 38])

            async let third = keeper.dropExpired(now: now, retentionDays: 3, on: bench.keeping)
            async let fourth = keeper.dropExpired(now: now, retentionDays: 3, on: bench.other)
            let dropped = try await [third, fourth]
            #expect(dropped.map(\.dropped.count).sorted() == [0, 27])
            #expect((made + dropped).allSatisfy { $0.problems.isEmpty })
            #expect(try await bench.partitions().count == 11)
        }
    }

    @Test func lockOfAnotherKeeper_isWaitedFor_onlyWhenThereIsWork() async throws {
        try await PartitionBench.with { bench in
            _ = try await keeper.ensure(now: now, retentionDays: 1, on: bench.keeping)
            // The advisory lock of the keeper is "HFLTPART".
            _ = try await bench.other.query("SELECT pg_advisory_lock($1)", [.int8(0x4846_4C54_5041_5254)])
            let idle = try await keeper.ensure(now: now, retentionDays: 1, on: bench.keeping)
            #expect(idle.created == [])
            _ = try await keeper.dropExpired(now: now, retentionDays: 1, on: bench.keeping)
            let error = await #expect(throws: StoreError.self) {
                try await keeper.ensure(now: now, retentionDays: 2, on: bench.keeping)
            }
            #expect(error?.kind == .unavailable)
        }
    }

    @Test func killedKeeper_isFollowedByOneThatFinishes() async throws {
        try await PartitionBench.with { bench in
            let patient = PartitionKeeper()
            _ = try await patient.ensure(now: now, retentionDays: 5, on: bench.keeping)
            try await bench.other.execute(script: "BEGIN; SELECT count(*) FROM fixes")
            let id = try await bench.keeping.number("SELECT pg_backend_pid()")
            let killed = Task {
                try await patient.dropExpired(now: now, retentionDays: 3, on: bench.keeping)
            }
            try await bench.ingest.waitUntil("EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)")
            _ = try await bench.ingest.query("SELECT pg_terminate_backend($1::int)", [.int8(id)])
            await #expect(throws: StoreError.self) { try await killed.value }
            try await bench.other.execute(script: "COMMIT")

            let report = try await patient.dropExpired(now: now, retentionDays: 3, on: bench.other)
            #expect(report.dropped == ["fixes_20261115", "fixes_20261116"] && report.problems == [])
        }
    }

    // MARK: Work that others left half done

    @Test func wantedDay_isAttachedAgain_whenItIsHalfDetached() async throws {
        try await PartitionBench.with { bench in
            _ = try await keeper.ensure(now: now, retentionDays: 5, on: bench.keeping)
            try await bench.insert(at: "2026-11-15 12:00:00+00")
            try await bench.other.execute(script: "BEGIN; SELECT count(*) FROM fixes")
            let dropped = try await keeper.dropExpired(now: now, retentionDays: 4, on: bench.keeping)
            #expect(dropped.problems.count == 1)
            try await bench.other.execute(script: "COMMIT")

            let report = try await keeper.ensure(now: now, retentionDays: 5, on: bench.keeping)
            #expect(report.created == ["fixes_20261115"] && report.problems == [])
            let rows = try await bench.ingest.number("SELECT count(*) FROM fixes")
            #expect(rows == 1)
        }
    }

    @Test func partitionMadeByHand_isKept_untilAllOfItHasExpired() async throws {
        try await PartitionBench.with { bench in
            try await bench.keeping.execute(
                script: """
                    SET TimeZone = 'Pacific/Auckland'; SET DateStyle = 'SQL, DMY';
                    CREATE TABLE "By Hand" PARTITION OF fixes
                        FOR VALUES FROM ('2026-11-10 00:00:00+00') TO ('2026-11-19 00:00:00+00')
                    """)
            let report = try await keeper.ensure(now: now, retentionDays: 3, on: bench.keeping)
            #expect(report.created.first == "fixes_20261119" && report.problems == [])
            let kept = try await keeper.dropExpired(now: now, retentionDays: 2, on: bench.keeping)
            #expect(kept.dropped == [])
            let dropped = try await keeper.dropExpired(now: now, retentionDays: 1, on: bench.keeping)
            #expect(dropped.dropped == ["\"By Hand\""])
        }
    }

    @Test func impossibleDay_doesNotHinderOtherDays() async throws {
        try await PartitionBench.with { bench in
            try await bench.keeping.execute(
                script: """
                    CREATE TABLE fixes_20261121 (something int);
                    CREATE TABLE half PARTITION OF fixes
                        FOR VALUES FROM ('2026-11-22 06:00:00+00') TO ('2026-11-22 12:00:00+00')
                    """)
            let report = try await keeper.ensure(now: now, retentionDays: 1, on: bench.keeping)
            #expect(report.created.count == 7)
            #expect(report.problems.count == 2)
            #expect(report.problems.contains { $0.hasPrefix("fixes_20261121: ") })
            #expect(report.problems.contains { $0.hasPrefix("fixes_20261122: ") })
            let survey = try await keeper.survey(on: bench.keeping)
            #expect(survey.missing(at: now, retentionDays: 1).map(\.text) == ["2026-11-21", "2026-11-22"])
        }
    }

    // MARK: A fix without a partition

    @Test func fixWithoutAPartition_failsOnlyItsOwnPost() async throws {
        try await StorageBench.with { bench in
            let recorder = FixRecorder(store: bench.fixes)
            let (started, isStarted) = AsyncStream.makeStream(of: Void.self)
            let running = Task { try await recorder.run { isStarted.finish() } }
            defer { running.cancel() }
            for await _ in started {}
            let early = post([try fix("a", 30 * 86_400)])
            let others = [post([try fix("b", 0)]), post([try fix("c", 1)])]
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([early] + others)
            }
            #expect(error?.kind == .notYet)

            async let refused = outcome(of: early, recorder)
            async let taken = others.concurrentOutcomes { await outcome(of: $0, recorder) }
            let (failure, outcomes) = await (refused, taken)
            #expect(failure == .failure(.noPlaceYet(retryAfter: .seconds(2))))
            #expect(outcomes.allSatisfy { $0 == .success(PostOutcome(accepted: 1, duplicates: 0)) })

            let later = StorageBench.now.advanced(by: .seconds(30 * 86_400))
            try await bench.pool.withConnection { connection in
                _ = try await PartitionKeeper().ensure(now: later, retentionDays: 1, on: connection)
            }
            #expect(await outcome(of: early, recorder) == .success(PostOutcome(accepted: 1, duplicates: 0)))
        }
    }

    private func outcome(
        of post: PendingPost, _ recorder: FixRecorder
    ) async -> Result<PostOutcome, FleetError> {
        do throws(FleetError) {
            return .success(try await recorder.submit(try recorder.admit(post), by: recorder.deadline))
        } catch {
            return .failure(error)
        }
    }
}

extension [PendingPost] {
    fileprivate func concurrentOutcomes<Value: Sendable>(
        _ body: @escaping @Sendable (PendingPost) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: Value.self) { group in
            for post in self { group.addTask { await body(post) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
