import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// What only PostgreSQL can show of `TrackStore`; `SharedTrackStoreTests` has what both stores promise.
@Suite(.timeLimit(.minutes(2))) struct TrackStoreTests {
    /// The vehicle `a`.
    private func vehicle(_ bench: StorageBench) async throws -> TrackedVehicle {
        let id = try #require(VehicleID("a"))
        guard case .found(let vehicle) = try await store(bench).vehicle(id, of: StorageBench.north) else {
            throw StoreError(.notFound, detail: "the test's vehicle")
        }
        return vehicle
    }

    private func store(_ bench: StorageBench) -> PostgresTrackStore { PostgresTrackStore(pool: bench.pool) }

    /// The period between two seconds after the bench's now.
    private func period(_ from: Int, _ to: Int) -> Range<Timestamp> {
        StorageBench.now.advanced(by: .seconds(from))..<StorageBench.now.advanced(by: .seconds(to))
    }

    /// The fixes are as they were stored, also across the bounds of days.
    @Test func page_hasTheOldestFixesOfItsPeriod() async throws {
        try await StorageBench.with { bench in
            // The fixes lie on two days, because the bench's now is at noon.
            let seconds = [40_000, -90_000, 0, 7, -1, -86_400]
            var stored = try seconds.map { try fix("a", $0, latitude: Double($0) / 1e4) }
            stored[3].fix.attributes = Array(#"{"b":1e308,"a":-0}"#.utf8)
            stored[3].fix.altitudeMeters = 6.1
            stored[3].fix.speedMetersPerSecond = 8.2
            stored[3].fix.headingDegrees = 271
            stored[3].fix.accuracyMeters = 4
            _ = try await bench.fixes.record([post(stored + [try fix("b", 1)])])
            let vehicle = try await vehicle(bench)
            let ordered = stored.sorted { $0.fix.recordedAt < $1.fix.recordedAt }
            let store = store(bench)
            #expect(try await store.page(of: vehicle, period(-200_000, 200_000), limit: 10) == ordered)
            #expect(
                try await store.page(of: vehicle, period(-200_000, 200_000), limit: 2)
                    == Array(ordered.prefix(2)))
            // The lower bound is part of a period, and the upper bound is not.
            #expect(try await store.page(of: vehicle, period(-1, 7), limit: 10) == Array(ordered[2...3]))
            #expect(try await store.page(of: vehicle, period(8, 8), limit: 10).isEmpty)
            let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
            #expect(try await store.page(of: vehicle, always, limit: 10) == ordered)
        }
    }

    @Test func vehicle_isOfAnUnknownFleet_onceItsFleetIsRemoved() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let id = try await vehicle(bench).id
            try await bench.fleets.removeFleet(StorageBench.north)
            #expect(try await store(bench).vehicle(id, of: StorageBench.north) == .unknownFleet)
        }
    }

    @Test(arguments: 1...5)
    func crossing_isFound_inSlicesOfAnySize(fixesPerLook: Int) async throws {
        try await StorageBench.with { bench in
            let store = PostgresTrackStore(pool: bench.pool, fixesPerLook: fixesPerLook)
            // The track crosses the bound of a day. The shorter way from 170 to -20 crosses 180.
            let longitudes: [Double] = [10, 100, 175, 179.5, 170, -20, -30]
            let stored = try longitudes.enumerated().map { index, longitude in
                var stored = try fix("a", 43_200 + (index - 3) * 60)
                stored.fix.longitudeDegrees = longitude
                return stored
            }
            _ = try await bench.fixes.record([post(stored)])
            let vehicle = try await vehicle(bench)
            let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
            for limit in 1...8 {
                let crosses = try await store.crossesAntimeridian(vehicle, in: always, limit: limit)
                #expect(crosses == (limit >= 6), "\(limit)")
            }
            let last = stored[5].fix.recordedAt
            #expect(try await !store.crossesAntimeridian(vehicle, in: last..<always.upperBound, limit: 9))
            #expect(try await !store.crossesAntimeridian(vehicle, in: always.lowerBound..<last, limit: 9))
        }
    }

    /// It reads the days in order and none behind its last row.
    @Test func page_readsOnlyTheDaysItNeeds() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            let vehicle = try await vehicle(bench)
            // The day has enough rows for an index to pay.
            try await bench.execute(
                """
                INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, post_id)
                SELECT \(vehicle.key) + n % 3, timestamptz '2026-11-20T12:00:01Z' + n * interval '1 second', now(), 1, 1,
                    gen_random_uuid()
                FROM generate_series(1, 9000) n
                """)
            let hour = try await plan(bench, vehicle, "2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z")
            #expect(hour.filter { $0.contains(" on fixes_") }.count == 1)
            #expect(hour.contains { $0.contains("Index Scan using fixes_20261120_pkey") })
            let always = try await plan(bench, vehicle, "-infinity", "infinity")
            // The plan reads day by day without a sort, and does not begin the week ahead.
            #expect(always.contains { $0.contains("->  Append") })
            let days = always.filter { $0.contains(" on fixes_") }
            #expect(days.filter { $0.contains("never executed") }.count == 7 && days.count > 7)
        }
    }

    /// The plan of PostgreSQL for a page of ten fixes.
    private func plan(
        _ bench: StorageBench, _ vehicle: TrackedVehicle, _ from: String, _ to: String
    ) async throws -> [String] {
        let values = ["$1": "\(vehicle.key)", "$2": "'\(from)'", "$3": "'\(to)'", "$4": "10", "$5": "1000"]
        var sql = TrackSQL.fixes
        for (name, value) in values { sql = sql.replacing(name, with: value) }
        try await bench.execute("ANALYZE fixes")
        let rows = try await bench.pool.query(
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + sql)
        return try rows.map { try $0.string(0) }
    }
}

extension PostgresTrackStore {
    /// A page with room for all attributes.
    fileprivate func page(
        of vehicle: TrackedVehicle, _ period: Range<Timestamp>, limit: Int
    ) async throws(StoreError) -> [StoredFix] {
        try await fixes(of: vehicle, in: period, limit: limit, attributeBytes: .max)
    }
}
