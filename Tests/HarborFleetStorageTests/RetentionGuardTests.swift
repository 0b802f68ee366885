import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// The guard on a real database. `leap` moves the last run into the past, which looks like a leap of the clock.
@Suite(.timeLimit(.minutes(2))) struct RetentionGuardTests {
    private let real = SystemWallClock().now()
    private let keeper = PartitionKeeper()

    private func horizon(
        of server: String = "one", fixDays: Int = 3, receiptDays: Int = 3, now: Timestamp? = nil,
        _ connection: PostgresConnection
    ) async throws -> RetentionHorizon {
        try await RetentionGuard(server: server, fixDays: fixDays, receiptDays: receiptDays).horizon(
            now: now ?? real.advanced(by: .seconds(3_600)), on: connection)
    }

    /// Moves the last run and the other servers' last sight `days` days into the past.
    private func leap(days: Int, _ connection: PostgresConnection) async throws {
        try await connection.execute(
            script: """
                UPDATE retention_clock SET believed_at = believed_at - interval '\(days) days';
                UPDATE retentions SET seen_at = seen_at - interval '\(days) days'
                """)
    }

    private func isNear(_ time: Timestamp, days: Int) -> Bool {
        let distance = time.since(real.advanced(by: .seconds(days * 86_400)))
        return distance > .seconds(-60) && distance < .seconds(600)
    }

    @Test func clock_isBelieved_inANewDatabase() async throws {
        try await PartitionBench.with { bench in
            let first = try await horizon(bench.keeping)
            #expect(isNear(first.now, days: 0) && first.doubt == nil)
            let behind = try await horizon(now: real.advanced(by: .seconds(-9 * 86_400)), bench.other)
            #expect(isNear(behind.now, days: -9) && behind.doubt == nil)
            let again = try await horizon(bench.keeping)
            #expect(isNear(again.now, days: 0) && again.doubt == nil)
        }
    }

    @Test func failedGuard_leavesTheConnectionUsable_andNothingIsDropped() async throws {
        try await PartitionBench.with { bench in
            _ = try await keeper.ensure(
                now: real.advanced(by: .seconds(-5 * 86_400)), retentionDays: 3, on: bench.keeping)
            let before = try await bench.partitions()
            try await bench.other.execute(script: "ALTER TABLE retentions RENAME TO hidden")
            await #expect(throws: StoreError.self) { try await horizon(bench.keeping) }
            let report = try await keeper.ensure(now: real, retentionDays: 3, on: bench.keeping)
            #expect(!report.created.isEmpty && report.problems.isEmpty)
            await #expect(throws: StoreError.self) {
                try await keeper.dropExpired(on: bench.keeping) { try await horizon($0) }
            }
            #expect(try await Set(bench.partitions()).isSuperset(of: before))
            // The work of the guard is rolled back.
            let clock = try await bench.other.query(
                "SELECT count(*) FROM retention_clock WHERE doubted_at IS NOT NULL")
            #expect(try clock[0].int64(0) == 0)
        }
    }

    /// A server that stands still while it locks the clock's row would make all others wait.
    @Test func transactionOfTheGuard_hasAnIdleTimeout_andItsSessionHasNone() async throws {
        try await PartitionBench.with { bench in
            try await bench.other.execute(
                script: """
                    CREATE TABLE seen (setting text);
                    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        INSERT INTO seen VALUES (current_setting('idle_in_transaction_session_timeout'));
                        RETURN NULL;
                    END $$;
                    CREATE TRIGGER see AFTER UPDATE ON retention_clock FOR EACH STATEMENT EXECUTE FUNCTION see()
                    """)
            _ = try await horizon(bench.keeping)
            let seen = try await bench.other.query("SELECT string_agg(DISTINCT setting, ',') FROM seen")
            #expect(try seen[0].string(0) == "10s")
            let after = try await bench.keeping.query("SHOW idle_in_transaction_session_timeout")
            #expect(try after[0].string(0) == "0")
        }
    }

    @Test func storedFixes_countAsTheLastRun_beforeTheFirstOne() async throws {
        try await StorageBench.with { bench in
            // The migration ran on an empty database. It runs again beside receipts and positions.
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let file = try #require(StorageMigrations.all.first { $0.name == "retention_clock" })
            try await bench.execute("DROP TABLE retention_clock, retentions; \(file.sql)")
            let evidence = "SELECT (extract(epoch FROM believed_at) * 1000)::bigint FROM retention_clock"
            #expect(try await bench.number(evidence) == StorageBench.now.milliseconds)
            try await bench.execute(
                "DELETE FROM receipts; DROP TABLE retention_clock, retentions; \(file.sql)")
            #expect(try await bench.number(evidence) == StorageBench.now.milliseconds)
        }
    }

    @Test func clockAhead_dropsNothing_untilItLastedForADay() async throws {
        try await PartitionBench.with { bench in
            _ = try await horizon(bench.keeping)
            try await leap(days: 1_000, bench.other)
            let then = real.advanced(by: .seconds(-1_000 * 86_400))
            let made = try await keeper.ensure(now: then, retentionDays: 5, on: bench.keeping)
                .created.sorted()
            // The retention is 3 days, so two days have expired by the last run, or one in the first hour of a day.
            let kept = PartitionPlan.firstKept(
                at: SystemWallClock().now().advanced(by: .seconds(-1_000 * 86_400)), retentionDays: 3)
            let expired = made.prefix { $0 < kept.tableName }
            #expect((1...2).contains(expired.count))
            let dropped = try await keeper.dropExpired(on: bench.keeping) { try await horizon($0) }
            #expect(dropped.dropped == Array(expired))
            let doubted = try await horizon(bench.keeping)
            #expect(isNear(doubted.now, days: -1_000))
            #expect(doubted.doubt?.contains("1000 days ahead of the last run") == true)

            try await bench.other.execute(
                script: """
                    UPDATE retention_clock SET observed_ms = 86400000 - 3590000,
                        doubted_at = doubted_at - interval '1 hour'
                    """)
            let rest = try await keeper.dropExpired(on: bench.keeping) { try await horizon($0) }
            #expect(rest.dropped == Array(made.dropFirst(expired.count)))
            let believed = try await horizon(bench.keeping)
            #expect(isNear(believed.now, days: 0) && believed.doubt == nil)
        }
    }

    @Test func correctedClock_isBelievedAtOnce() async throws {
        try await PartitionBench.with { bench in
            _ = try await horizon(bench.keeping)
            try await bench.other.execute(
                script: """
                    UPDATE retention_clock SET believed_at = now() - interval '1 hour',
                        doubted_at = now() + interval '900 days', observed_ms = 80000000;
                    UPDATE retentions SET seen_at = now() + interval '900 days';
                    INSERT INTO retentions VALUES ('other', 'fixes', 8, now() + interval '900 days')
                    """)
            let horizon = try await horizon(bench.keeping)
            #expect(isNear(horizon.now, days: 0) && horizon.doubt == nil && horizon.fixDays == 8)
            // Servers that the wrong clock saw are not remembered for 900 days.
            let ahead = try await bench.other.query("SELECT count(*) FROM retentions WHERE seen_at > now()")
            #expect(try ahead[0].int64(0) == 0)
        }
    }

    @Test func longestRetention_holds_whileItsServerWasSeenLately() async throws {
        try await PartitionBench.with { bench in
            _ = try await horizon(of: "two", fixDays: 5, receiptDays: 2, bench.other)
            var found = try await horizon(of: "three", fixDays: 3, receiptDays: 9, bench.keeping)
            #expect(found.fixDays == 5 && found.receiptDays == 9)
            let made = try await keeper.ensure(now: real, retentionDays: 5, on: bench.keeping)
            let kept = try await keeper.dropExpired(on: bench.keeping) { try await horizon($0) }
            #expect(kept.dropped == [] && made.created.count == 13)

            try await bench.other.execute(
                script: "UPDATE retentions SET seen_at = now() - interval '71 hours'")
            found = try await horizon(fixDays: 3, receiptDays: 3, bench.keeping)
            #expect(found.fixDays == 5 && found.receiptDays == 9)
            try await bench.other.execute(
                script: "UPDATE retentions SET seen_at = now() - interval '73 hours'")
            found = try await horizon(fixDays: 3, receiptDays: 3, bench.keeping)
            #expect(found.fixDays == 3 && found.receiptDays == 3)
        }
    }

    @Test func servers_areNotForgotten_whileTheClockIsDoubted() async throws {
        try await PartitionBench.with { bench in
            _ = try await horizon(of: "two", fixDays: 5, bench.other)
            _ = try await horizon(of: "three", fixDays: 7, bench.other)
            try await leap(days: 40, bench.other)
            let first = try await horizon(bench.keeping)
            #expect(first.doubt != nil && first.fixDays == 7)
            _ = try await horizon(of: "two", fixDays: 5, bench.other)
            try await bench.other.execute(script: "UPDATE retention_clock SET observed_ms = 86400000")
            let believed = try await horizon(bench.keeping)
            #expect(believed.doubt == nil && believed.fixDays == 5)
        }
    }
}
