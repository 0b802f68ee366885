import HarborFleet
import Postgres
import Testing

@testable import HarborFleetStorage

/// Removals as another process makes them: through a store of their own, with the recorder's keys already learned.
@Suite(.timeLimit(.minutes(2))) struct RemovalTests {
    private let north = StorageBench.north

    private func van() throws -> VehicleID { try #require(VehicleID("a")) }

    private func keys(_ bench: StorageBench) async throws -> [Int64] {
        let rows = try await bench.pool.query("SELECT DISTINCT vehicle_key FROM fixes ORDER BY 1")
        return try rows.map { row in try row.int64(0) }
    }

    @Test func aRemovedVehicle_comesBackUnderANewKey_withTheSameFixAsWell() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0), try fix("a", 1), try fix("b", 0)])])
            try await PostgresFleetStore(pool: bench.pool).removeVehicle(try van(), of: north)
            var newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.vehicleID.rawValue) == ["b"])
            let outcome = try await bench.fixes.record([post([try fix("a", 0), try fix("b", 1)])])
            #expect(outcome == [.init(accepted: 2, duplicates: 0)])
            newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.count == 2)
            let all = try await keys(bench)
            #expect(all.count == 3)
        }
    }

    @Test func aSweep_deletesTheRemovedVehicleAlone_onceItsCommitsHaveSettled() async throws {
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

    @Test func aFleetRemovedAndAddedAgain_takesFixesUnderNewKeys_andTheOldOnesAreSwept() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let first = try await bench.fleets.fleet(north)?.incarnation
            try await bench.fleets.removeFleet(north)
            try await bench.fleets.add(Fleet(id: north, name: "North"))
            let second = try await bench.fleets.fleet(north)?.incarnation
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

    @Test func aFixThatMeetsARemovalInTheMiddle_waitsForIt_andMakesTheVehicleAnew() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let key = try await keys(bench)[0]
            try await bench.pool.transaction { connection in
                _ = try await connection.query(RemovalSQL.lockVehicle, [.text("north"), .text("a")])
                _ = try await connection.query(RemovalSQL.removePosition, [.int8(key)])
                async let late = bench.fixes.record([post([try fix("a", 1)])])
                while try await bench.number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 {}
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

    @Test func removalsAmongCommits_leaveNoPositionOfARemovedVehicle_andNoDeadlock() async throws {
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
                            // It may not have come back yet.
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

    @Test func recentRemovals_nameEachVehicleOnce_withWhatCameBack() async throws {
        try await StorageBench.with { bench in
            let before = try await bench.fleets.revision()
            _ = try await bench.fixes.record([post([try fix("a", 0), try fix("b", 0)])])
            for second in 1...2 {
                try await bench.fleets.removeVehicle(try van(), of: north)
                _ = try await bench.fixes.record([post([try fix("a", second)])])
            }
            try await bench.fleets.removeVehicle(try #require(VehicleID("b")), of: north)
            let removals = try await bench.fleets.recentRemovals(within: .seconds(30))
            #expect(removals.map(\.vehicleID.rawValue) == ["a", "b"])
            #expect(removals.map(\.newest) == [try fix("a", 2), nil])
            let none = try await bench.fleets.recentRemovals(within: .zero)
            #expect(none == [])
            let after = try await bench.fleets.revision()
            #expect(after == before + 3)
            let again = await #expect(throws: StoreError.self) {
                try await bench.fleets.removeVehicle(try #require(VehicleID("b")), of: north)
            }
            #expect(again?.kind == .notFound)
        }
    }
}
