import HarborFleet
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// One batch with stored fixes, new vehicles, and input that the database refuses.
@Suite(.timeLimit(.minutes(2))) struct RecordTests {
    private let north = StorageBench.north

    @Test func batch_countsEachPost_withNewAndKnownFixes() async throws {
        try await StorageBench.with { bench in
            try await bench.fleets.add(Fleet(id: fleetID("south"), name: "South"))
            _ = try await bench.fixes.record([post([try fix("a", 0), try fix("b", 0)])])
            let outcomes = try await bench.fixes.record([
                // One fix is stored, one is new, and one is of a new vehicle.
                post([try fix("b", 0), try fix("a", 1), try fix("c", 5)]),
                // The same vehicle id in another fleet is another vehicle.
                post([try fix("a", 0), try fix("a", 1)], to: fleetID("south")),
                // Nothing is new: one is in the first post, one is stored, and one comes twice in this post.
                post([try fix("c", 5), try fix("a", 0), try fix("a", 0)]),
                post([try fix("c", 6), try fix("c", 6)]),
            ])
            #expect(
                outcomes.map(\.counts) == [
                    .init(accepted: 2, duplicates: 1), .init(accepted: 2, duplicates: 0),
                    .init(accepted: 0, duplicates: 3), .init(accepted: 1, duplicates: 1),
                ])
            let told = try await bench.text(
                "SELECT string_agg(accepted || '/' || duplicates, ' ' ORDER BY post_id) FROM receipts")
            #expect(Set(told.split(separator: " ")) == ["2/0", "2/1", "0/3", "1/1"])
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 7)
            let vehicles = try await bench.number("SELECT count(*) FROM vehicles")
            #expect(vehicles == 4)
            let misplaced = try await bench.number(
                """
                SELECT count(*) FROM vehicle_positions p JOIN vehicles v USING (vehicle_key)
                WHERE p.fleet_key <> v.fleet_key
                """)
            #expect(misplaced == 0)
        }
    }

    @Test func storedFix_doesNotTouchThePosition_asTheNewestOfItsBatch() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 10, latitude: 10)])])
            let outcome = try await bench.fixes.record([
                post([try fix("a", 10, latitude: 99), try fix("a", 5, latitude: 5)])
            ])
            #expect(outcome.map(\.counts) == [.init(accepted: 1, duplicates: 1)])
            let newest = try await bench.fixes.newestFixes(of: north)
            #expect(newest.map(\.fix.latitudeDegrees) == [10])
            let positionsOfNoRow = try await bench.number(
                """
                SELECT count(*) FROM vehicle_positions p WHERE NOT EXISTS (SELECT FROM fixes f
                    WHERE f.vehicle_key = p.vehicle_key AND f.recorded_at = p.recorded_at AND f.lat = p.lat
                        AND f.post_id = p.post_id)
                """)
            #expect(positionsOfNoRow == 0)
        }
    }

    @Test func concurrentBatches_acceptEachFixOnce() async throws {
        try await StorageBench.with { bench in
            let other = PostgresFixStore(pool: bench.pool, recorder: bench.recorder)
            let told = try await withThrowingTaskGroup(of: [PostOutcome].self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        // The windows overlap and the contents differ. Each lane sends two posts through one of two stores.
                        let seconds = (lane * 5)..<(lane * 5 + 20)
                        let fixes = try ["a", "b", "c"].flatMap { name in
                            try seconds.map { try fix(name, $0, latitude: Double(lane)) }
                        }
                        let store = lane.isMultiple(of: 2) ? bench.fixes : other
                        return try await store.record([post(Array(fixes.shuffled().prefix(40))), post(fixes)])
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(told.reduce(0) { $0 + $1.accepted } == 3 * 55)
            #expect(told.reduce(0) { $0 + $1.accepted + $1.duplicates } == 8 * 100)
            let rows = try await bench.number("SELECT count(*) FROM fixes")
            #expect(rows == 3 * 55)
            let written = try await bench.number(
                """
                SELECT count(*) FROM receipts r
                WHERE r.accepted <> (SELECT count(*) FROM fixes f WHERE f.post_id = r.post_id)
                """)
            #expect(written == 0)
            let wrong = try await bench.number(
                """
                SELECT count(*) FROM vehicle_positions p WHERE NOT EXISTS (SELECT FROM fixes f
                    WHERE f.vehicle_key = p.vehicle_key AND f.post_id = p.post_id AND f.recorded_at = p.recorded_at
                        AND f.recorded_at = (SELECT max(recorded_at) FROM fixes m WHERE m.vehicle_key = p.vehicle_key))
                """)
            #expect(wrong == 0)
        }
    }

    @Test(arguments: ["{", "{\"a\":\"\u{1}\"}"])
    func attributes_areRejectedWithTheirBatch_whenTheyAreNotJSON(text: String) async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            for vehicle in ["a", "new"] {
                let error = await #expect(throws: StoreError.self) {
                    try await bench.fixes.record([post([try fix(vehicle, 1, attributes: text)])])
                }
                #expect(error?.kind == .rejected)
            }
            let left = try await bench.number(
                "SELECT (SELECT count(*) FROM fixes) + (SELECT count(*) FROM receipts) + count(*) FROM vehicles"
            )
            #expect(left == 3)
            let outcome = try await bench.fixes.record([post([try fix("new", 1)])])
            #expect(outcome == [.init(accepted: 1, duplicates: 0)])
        }
    }

    @Test func attributes_areRejected_whenTheyAreNotUTF8() async throws {
        try await StorageBench.with { bench in
            var stored = try fix("a", 0)
            stored.fix.attributes = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([post([stored])])
            }
            #expect(error?.kind == .rejected)
        }
    }

    @Test func fix_isRejected_whenItViolatesAConstraint() async throws {
        try await StorageBench.with { bench in
            try await bench.execute("ALTER TABLE fixes ADD CONSTRAINT north_of_50 CHECK (lat > 50)")
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([post([try fix("a", 0, latitude: 49)])])
            }
            #expect(error?.kind == .rejected)
            #expect(error?.detail.contains("north_of_50") == true)
        }
    }

    @Test func fix_isNotYetStorable_withoutAPartition() async throws {
        try await StorageBench.with { bench in
            let error = await #expect(throws: StoreError.self) {
                try await bench.fixes.record([post([try fix("a", 40 * 86_400)])])
            }
            #expect(error?.kind == .notYet)
        }
    }

    @Test func largeBatch_comesBackUnchanged() async throws {
        try await StorageBench.with { bench in
            let fixes = try (0..<300).map { index in
                var stored = try fix("v\(index % 100)", index, latitude: Double(index) / 10)
                if index.isMultiple(of: 3) { stored.fix.speedMetersPerSecond = Double(index) }
                if index.isMultiple(of: 5) { stored.fix.attributes = Array("{\"n\":\(index)}".utf8) }
                if index.isMultiple(of: 7) { stored.motion = .moving(slow: nil) }
                return stored
            }
            _ = try await bench.fixes.record(
                stride(from: 0, to: 300, by: 30).map { post(Array(fixes[$0..<($0 + 30)])) })
            let newest = try await bench.fixes.newestFixes(of: north)
            let expected = fixes.suffix(100).sorted { $0.fix.vehicleID < $1.fix.vehicleID }
            #expect(newest.sorted { $0.fix.vehicleID < $1.fix.vehicleID } == expected)
        }
    }
}
