import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// Removals by another process. They go through a store of their own after the recorder has learned its keys.
@Suite(.timeLimit(.minutes(2))) struct RemovalTests {
    private let north = StorageBench.north

    private func van() throws -> VehicleID { try #require(VehicleID("a")) }

    private func keys(_ bench: StorageBench) async throws -> [Int64] {
        let rows = try await bench.pool.query("SELECT DISTINCT vehicle_key FROM fixes ORDER BY 1")
        return try rows.map { row in try row.int64(0) }
    }

    @Test func sweep_deletesOnlyTheRemovedVehicle_onceItsCommitsHaveSettled() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0), try fix("a", 1), try fix("b", 0)])])
            try await bench.fleets.removeVehicle(try van(), of: north)
            _ = try await bench.fixes.record([post([try fix("a", 2)])])
            let early = try await RemovalSweeper(pool: bench.pool).sweep()
            #expect(early == 0)
            let sweeper = RemovalSweeper(pool: bench.pool, settleTime: .zero)
            let swept = try await sweeper.sweep()
            #expect(swept == 1)
            let left = try await sweeper.sweep()
            #expect(left == 0)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 2)
            let vehicles = try await bench.number("SELECT count(*) FROM vehicles")
            #expect(vehicles == 2)
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.count == 2)
        }
    }

    @Test func readdedFleet_takesFixesUnderNewKeys_andTheOldOnesAreSwept() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let first = try await bench.fleets.fleets([north])[north]?.incarnation
            try await bench.fleets.removeFleet(north)
            try await bench.fleets.add(Fleet(id: north, name: "North"))
            let second = try await bench.fleets.fleets([north])[north]?.incarnation
            #expect(first != second)
            _ = try await bench.fixes.record([post([try fix("a", 0), try fix("a", 1)])])
            let swept = try await RemovalSweeper(pool: bench.pool, settleTime: .zero).sweep()
            #expect(swept == 1)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 2)
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.recordedAt) == [StorageBench.now.advanced(by: .seconds(1))])
        }
    }

    @Test func fix_waitsForARemoval_andMakesTheVehicleAgain() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let key = try await keys(bench)[0]
            try await bench.pool.transaction { connection in
                _ = try await connection.query(RemovalSQL.lockVehicle, [.text("north"), .text("a")])
                _ = try await connection.query(RemovalSQL.removePosition, [.int8(key)])
                async let late = bench.fixes.record([post([try fix("a", 1)])])
                try await bench.waitUntil("EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                _ = try await connection.query(RemovalSQL.removeVehicle, [.int8(key)])
                _ = try await connection.query("COMMIT")
                let outcome = try await late
                #expect(outcome == [.init(accepted: 1, duplicates: 0)])
                _ = try await connection.query("BEGIN")
            }
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.recordedAt) == [StorageBench.now.advanced(by: .seconds(1))])
            let old = try await bench.number(
                "SELECT count(*) FROM vehicle_positions WHERE vehicle_key = \(key)")
            #expect(old == 0)
        }
    }

    @Test func concurrentRemovals_leaveNoPosition_andNoDeadlock() async throws {
        try await StorageBench.with { bench in
            let names = ["a", "b", "c"]
            _ = try await bench.fixes.record([post(try names.map { try fix($0, 0) })])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<2 {
                    group.addTask {
                        for second in 1..<150 {
                            let order = (lane + second).isMultiple(of: 2) ? names : names.reversed()
                            _ = try await bench.fixes.record([post(try order.map { try fix($0, second) })])
                        }
                    }
                }
                group.addTask {
                    for turn in 0..<40 {
                        let vehicle = try #require(VehicleID(names[turn % names.count]))
                        do {
                            try await bench.fleets.removeVehicle(vehicle, of: north)
                        } catch let error as StoreError {
                            // The vehicle may not have come back yet.
                            #expect(error.kind == .notFound)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let hidden = try await bench.number(
                """
                SELECT count(*) FROM vehicle_positions p LEFT JOIN vehicles v USING (vehicle_key)
                WHERE v.vehicle_key IS NULL OR v.removed_at IS NOT NULL
                """)
            #expect(hidden == 0)
            let deadlocks = try await bench.number(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            #expect(deadlocks == 0)
            _ = try await bench.fixes.record([post(try names.map { try fix($0, 200) })])
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.count == 3)
        }
    }

    @Test func sweep_deletesAVehicleInSlices_andContinuesAfterAnInterruption() async throws {
        try await StorageBench.with { bench in
            let seconds = (0..<25).map { 86_400 - $0 * 7_000 }
            _ = try await bench.fixes.record([
                post(try seconds.map { try fix("a", $0) }), post([try fix("b", 0), try fix("c", 0)]),
            ])
            // Only a manual change puts a fix between two milliseconds.
            try await bench.execute(
                "UPDATE fixes SET recorded_at = recorded_at + interval '999 microseconds' WHERE vehicle_key = 1"
            )
            for name in ["a", "b"] {
                try await bench.fleets.removeVehicle(try #require(VehicleID(name)), of: north)
            }
            let left = """
                SELECT (SELECT count(*) FROM fixes) * 100 + (SELECT count(*) FROM vehicles) * 10
                    + (SELECT count(*) FROM removals)
                """
            var seen = [try await bench.number(left)]
            for slices in [1, 1, 3, 3] {
                let sweeper = RemovalSweeper(pool: bench.pool, settleTime: .zero, fixesPerSlice: 10)
                let swept = try await sweeper.sweep(slices: slices)
                #expect(swept == [1, 1, 2, 0][seen.count - 1])
                seen.append(try await bench.number(left))
            }
            #expect(seen == [2_732, 1_732, 732, 110, 110])
        }
    }

    @Test func failedStatement_undoesOnlyItsSlice() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post(try (0..<9).map { try fix("a", $0) })])
            try await bench.fleets.removeVehicle(try van(), of: north)
            try await bench.execute(
                """
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57014'; END $$;
                CREATE TRIGGER fail BEFORE DELETE ON vehicles FOR EACH ROW EXECUTE FUNCTION fail()
                """)
            let sweeper = RemovalSweeper(pool: bench.pool, settleTime: .zero, fixesPerSlice: 4)
            await #expect(throws: StoreError.self) { try await sweeper.sweep() }
            let rest = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rest == 1)
            try await bench.execute("DROP TRIGGER fail ON vehicles")
            let swept = try await sweeper.sweep()
            #expect(swept == 1)
        }
    }

    /// Runs `body` with more partitions than a span has. The fixes of a removed vehicle may lie behind empty spans.
    private func withSpans(_ body: (StorageBench, _ spans: Int) async throws -> Void) async throws {
        try await StorageBench.with { bench in
            _ = try await bench.pool.withConnection { connection in
                try await PartitionKeeper().ensure(now: StorageBench.now, retentionDays: 100, on: connection)
            }
            for name in ["a", "b"] { _ = try await bench.fixes.record([post([try fix(name, 0)])]) }
            try await bench.fleets.removeFleet(north)
            let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
            let spans = try await PartitionSpans(pool: bench.pool).spans(of: always).count
            try #require(spans == 4)
            try await body(bench, spans)
        }
    }

    @Test func sweep_returnsAfterItsSlices_alsoWhenTheyAreEmpty() async throws {
        try await withSpans { bench, _ in
            let sweeper = RemovalSweeper(pool: bench.pool, settleTime: .zero)
            let swept = try await sweeper.sweep(slices: 2)
            #expect(swept == 2)
            let left = try await bench.number("SELECT count(*) FROM fixes")
            #expect(left == 2)
            // The sweep continues where it stopped.
            let rest = try await sweeper.sweep()
            #expect(rest == 2 * 4 - 2)
        }
    }

    @Test func alternatingSweepers_reachTheEnd() async throws {
        try await withSpans { bench, spans in
            let sweepers = [bench.pool, bench.recorder].map { RemovalSweeper(pool: $0, settleTime: .zero) }
            // Each sweeper may have to read every span of each vehicle.
            for turn in 0..<2 * 2 * spans { _ = try await sweepers[turn % 2].sweep(slices: 1) }
            let left = try await bench.number("SELECT count(*) FROM removals")
            #expect(left == 0)
        }
    }

    /// The sweepers exchange their vehicles. Each continues at the place where the other stopped.
    @Test func sweepers_continueEachOthersVehicles() async throws {
        try await withSpans { bench, spans in
            let sweepers = [bench.pool, bench.recorder].map { RemovalSweeper(pool: $0, settleTime: .zero) }
            let lowest = "SELECT vehicle_key FROM removals ORDER BY vehicle_key LIMIT 1 FOR UPDATE"
            var turns = 0
            while turns < 4 * spans, try await bench.number("SELECT count(*) FROM removals") > 1 {
                for sweeper in sweepers {
                    _ = try await sweeper.sweep(slices: 1)
                    try await bench.pool.transaction { connection in
                        _ = try await connection.query(lowest)
                        _ = try await sweeper.sweep(slices: 1)
                    }
                }
                turns += 1
            }
            #expect(turns <= spans)
            for sweeper in sweepers { _ = try await sweeper.sweep() }
            let left = try await bench.number("SELECT count(*) FROM removals")
            #expect(left == 0)
        }
    }

    @Test func concurrentSweepers_deleteEverythingOnce() async throws {
        try await StorageBench.with { bench in
            let names = (0..<12).map { "v\($0)" }
            _ = try await bench.fixes.record([
                post(try names.flatMap { name in try (0..<10).map { try fix(name, $0) } })
            ])
            try await bench.fleets.removeFleet(north)
            let sweeper = RemovalSweeper(pool: bench.pool, settleTime: .zero, fixesPerSlice: 4)
            async let first = sweeper.sweep(slices: 100)
            async let second = RemovalSweeper(pool: bench.recorder, settleTime: .zero, fixesPerSlice: 4)
                .sweep(slices: 100)
            let slices = try await first + second
            let rest = try await sweeper.sweep(slices: 100)
            #expect(slices + rest == 12 * 3)
            let left = try await bench.number(
                """
                SELECT (SELECT count(*) FROM fixes) + (SELECT count(*) FROM vehicles)
                    + (SELECT count(*) FROM vehicle_positions) + (SELECT count(*) FROM removals)
                """)
            #expect(left == 0)
        }
    }
}
