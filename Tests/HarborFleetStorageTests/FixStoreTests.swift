import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// What only PostgreSQL can show of `FixStore`; `SharedFixStoreTests` has what both stores promise.
@Suite(.timeLimit(.minutes(2))) struct FixStoreTests {
    @Test func posts_becomeRowsPositionsAndReceipts_inOneTransaction() async throws {
        try await StorageBench.with { bench in
            let posts = [
                post([try fix("van-1", 0), try fix("van-2", 0)]), post([try fix("van-1", 1)]),
            ]
            let outcomes = try await bench.fixes.record(posts)
            #expect(outcomes == [.init(accepted: 2, duplicates: 0), .init(accepted: 1, duplicates: 0)])
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 3)
            let positions = try await bench.number("SELECT count(*) FROM vehicle_positions")
            #expect(positions == 2)
            let receipts = try await bench.number(
                """
                SELECT count(*) FROM receipts WHERE partner_id = 'acme' AND webhook_id = 'msg_1'
                    AND body_bytes = 100 AND body_hash = '\\x010203'
                """)
            #expect(receipts == 2)
            let transactions = try await bench.number(
                """
                SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM fixes UNION ALL
                    SELECT xmin::text FROM receipts UNION ALL SELECT xmin::text FROM vehicles) t
                """)
            #expect(transactions == 1)
        }
    }

    @Test func concurrentPosts_acceptEachFixOnce_withoutADeadlock() async throws {
        try await StorageBench.with { bench in
            let names = (0..<40).map { "van-\($0)" }
            let forward = try names.flatMap { name in try (0..<10).map { try fix(name, $0) } }
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<12 {
                    let fixes = index % 2 == 0 ? forward : forward.reversed()
                    group.addTask {
                        try await bench.fixes.record([post(fixes)]).reduce(0) { $0 + $1.accepted }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(accepted == 400)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 400)
            let deadlocks = try await bench.number(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            #expect(deadlocks == 0)
        }
    }

    @Test func repeatedPost_addsNoReceipt() async throws {
        try await StorageBench.with { bench in
            let first = post([try fix("a", 0), try fix("a", 0)])
            _ = try await bench.fixes.record([first])
            _ = try await bench.fixes.record([first, post([try fix("b", 0)])])
            let receipts = try await bench.number("SELECT count(*) FROM receipts")
            #expect(receipts == 2)
        }
    }

    @Test func posts_endWithTrueCounts_whenTheirConnectionsAreKilled() async throws {
        try await StorageBench.with { bench in
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    // The store tries more often than this.
                    for _ in 0..<4 {
                        _ = try await bench.pool.query(
                            """
                            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                            WHERE application_name LIKE '%/recorder' AND datname = current_database()
                                AND state = 'active'
                            """)
                    }
                    return 0
                }
                for index in 0..<60 {
                    group.addTask {
                        let fixes = try (0..<50).map { try fix("van-\(index % 6)", index * 50 + $0) }
                        let outcome = try await bench.fixes.record([post(fixes)])
                        return outcome[0].accepted
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(accepted == 3000)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 3000)
            let told = try await bench.number("SELECT sum(accepted)::bigint FROM receipts")
            #expect(told == 3000)
        }
    }

    @Test(arguments: [
        ("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"),
        ("remote_apply", "remote_apply"),
    ])
    func commit_isDurable_andAStrongerSettingStays(
        setting: String, expected: String
    ) async throws {
        try await StorageBench.with { bench in
            try await bench.execute(
                """
                CREATE TABLE seen (setting text);
                CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
                CREATE CONSTRAINT TRIGGER see AFTER INSERT ON receipts DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION see();
                """)
            var configuration = bench.database.configuration
            configuration.url += " options='-c synchronous_commit=\(setting)'"
            let recorder = bench.database.startPool(configuration, size: 1)
            let store = PostgresFixStore(pool: bench.pool, recorder: recorder)
            for second in 0..<2 { _ = try await store.record([post([try fix("a", second)])]) }
            await recorder.stop()
            let settings = try await bench.text("SELECT string_agg(DISTINCT setting, ',') FROM seen")
            #expect(settings == expected)
        }
    }
}
