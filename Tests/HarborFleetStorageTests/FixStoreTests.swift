import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

@Suite(.timeLimit(.minutes(2))) struct FixStoreTests {
    private let north = StorageBench.north

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

    @Test func repeats_countAsDuplicates_withinAndAcrossPosts() async throws {
        try await StorageBench.with { bench in
            let first = post([try fix("a", 0), try fix("a", 0), try fix("b", 0)])
            let second = post([try fix("b", 0), try fix("b", 1)])
            let outcomes = try await bench.fixes.record([first, second])
            #expect(
                outcomes.map(\.counts) == [
                    .init(accepted: 2, duplicates: 1), .init(accepted: 1, duplicates: 1),
                ])
            let later = try await bench.fixes.record([post([try fix("a", 0), try fix("b", 1)])])
            #expect(later == [.init(accepted: 0, duplicates: 2)])
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 3)
        }
    }

    @Test func firstContentOfAFix_isKept() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([
                post([try fix("a", 0, latitude: 1), try fix("a", 0, latitude: 2)]),
                post([try fix("a", 0, latitude: 3)]),
            ])
            _ = try await bench.fixes.record([post([try fix("a", 0, latitude: 4)])])
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.latitudeDegrees) == [1])
            let stored = try await bench.number("SELECT lat::bigint FROM fixes")
            #expect(stored == 1)
        }
    }

    @Test func position_movesForwardOnly() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 10, latitude: 10)])])
            let late = try await bench.fixes.record([post([try fix("a", 5, latitude: 5)])])
            #expect(late == [.init(accepted: 1, duplicates: 0)])
            var newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.latitudeDegrees) == [10])
            _ = try await bench.fixes.record([
                post([try fix("a", 30, latitude: 30), try fix("a", 20, latitude: 20)])
            ])
            newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.latitudeDegrees) == [30])
        }
    }

    @Test func reload_givesBackTheStoredFixes() async throws {
        try await StorageBench.with { bench in
            var stored = try fix(
                "a", 0, attributes: #"{"a":1,"b":"x: \"y\", z","c":true}"#, derivedSpeed: 0.1)
            stored.fix.headingDegrees = 271.1
            stored.fix.altitudeMeters = -3.3
            stored.fix.accuracyMeters = 4
            stored.fix.speedMetersPerSecond = 8.2
            let bare = try fix("b", -86_400)
            _ = try await bench.fixes.record([post([stored, bare])])
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.sorted { $0.fix.vehicleID < $1.fix.vehicleID } == [stored, bare])
            let other = try await bench.fixes.newestFixes(of: fleetID("south"))
            #expect(other.isEmpty)
        }
    }

    @Test(
        arguments: [
            nil, .idle, .moving(slow: nil),
            .moving(
                slow: SlowPeriod(
                    recordedAt: Timestamp(milliseconds: 1_795_000_000_123),
                    receivedAt: Timestamp(milliseconds: 1_795_000_000_456))),
        ] as [Motion?])
    func reload_givesBackTheMotion_alsoAfterALaterFix(motion: Motion?) async throws {
        try await StorageBench.with { bench in
            for (second, motion) in [(0, .moving(slow: nil)), (1, motion)] as [(Int, Motion?)] {
                var stored = try fix("a", second)
                stored.motion = motion
                _ = try await bench.fixes.record([post([stored])])
            }
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.motion) == [motion])
        }
    }

    @Test(arguments: [
        #"{"z":1,"a":2}"#, #"{"a":1e308,"b":-0,"c":1.50,"d":-0.0,"e":1E5}"#, #"{"a":"\u0041 é \/ \\ \""}"#,
        #"{"a":1,"a":2}"#, "{}", #"{"":""}"#,
    ])
    func reload_givesBackTheTextOfAttributes(text: String) async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0, attributes: text)])])
            let attributes = try await bench.fixes.newestFixes(of: north).first?.fix.attributes
            #expect(attributes.map { String(decoding: $0, as: UTF8.self) } == text)
            let history = try await bench.text("SELECT attributes::text FROM fixes")
            #expect(history == text)
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

    @Test func repeatedPost_isAnsweredFromItsReceipt() async throws {
        try await StorageBench.with { bench in
            let first = post([try fix("a", 0), try fix("a", 0)])
            let other = post([try fix("b", 0)])
            let outcome = try await bench.fixes.record([first])
            let again = try await bench.fixes.record([first, other])
            #expect(again.map(\.counts) == outcome.map(\.counts) + [.init(accepted: 1, duplicates: 0)])
            #expect(again.first?.acceptedPlaces == nil, "a receipt has only the counts")
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

    @Test func post_isRefused_whenItsFleetIsUnknown() async throws {
        try await StorageBench.with { bench in
            let lost = post([try fix("a", 0)], to: fleetID("nowhere"))
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([lost, post([try fix("a", 0)])])
            }
            #expect(error?.kind == .notFound)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 0)
        }
    }

    @Test func readdedFleet_startsEmpty_underANewKey() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            try await bench.fleets.removeFleet(north)
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([post([try fix("a", 1)])])
            }
            #expect(error?.kind == .notFound)
            try await bench.fleets.add(Fleet(id: north, name: "North"))
            var newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.isEmpty)
            let outcome = try await bench.fixes.record([post([try fix("a", 0)])])
            #expect(outcome == [.init(accepted: 1, duplicates: 0)])
            newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.count == 1)
        }
    }
}
