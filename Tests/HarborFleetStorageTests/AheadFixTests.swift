import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

/// The table and clocks that run ahead. `AheadClockTests` has the same rules for memory.
@Suite(.timeLimit(.minutes(2))) struct AheadFixTests {
    private let north = StorageBench.north

    /// A fix of `vehicle` with its own time and the time of receipt, in seconds after the bench's now.
    private func fix(_ vehicle: String = "a", at recorded: Int, received: Int) throws -> StoredFix {
        var stored = try HarborFleetStorageTests.fix(vehicle, recorded)
        stored.receivedAt = StorageBench.now.advanced(by: .seconds(received))
        return stored
    }

    /// The second of the newest fix of the vehicle.
    private func newest(_ bench: StorageBench, _ vehicle: String = "a") async throws -> Int64? {
        try await bench.fixes.newestFixes(of: north).first { $0.fix.vehicleID.rawValue == vehicle }
            .map { $0.fix.recordedAt.since(StorageBench.now).components.seconds }
    }

    @Test(arguments: [(2, 3), (30, 31), (32, 31), (540, 31)])
    func position_movesAgainAfter30Seconds_whenAFixWasAhead(ahead: Int, first: Int) async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix(at: ahead, received: 0)])])
            for second in [first - 1, first] {
                _ = try await bench.fixes.record([post([try fix(at: second, received: second)])])
                let shown = try await newest(bench)
                #expect(shown == Int64(second == first ? first : ahead))
            }
        }
    }

    @Test func repeatedFix_doesNotMoveThePosition_andANewOneDoes() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix(at: 540, received: 0)])])
            _ = try await bench.fixes.record([post([try fix(at: 31, received: 31)])])
            let again = try await bench.fixes.record([post([try fix(at: 540, received: 60)])])
            #expect(again == [PostOutcome(accepted: 0, duplicates: 1)])
            let shown = try await newest(bench)
            #expect(shown == 31)
            let mixed = try await bench.fixes.record([
                post([try fix(at: 540, received: 62), try fix(at: 61, received: 62)])
            ])
            #expect(mixed == [PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [1])])
            let moved = try await newest(bench)
            #expect(moved == 61)
            // The fix is 20 s ahead now, so it would count by its own time.
            _ = try await bench.fixes.record([
                post([try fix(at: 540, received: 520), try fix(at: 525, received: 520)])
            ])
            let last = try await newest(bench)
            #expect(last == 525)
        }
    }

    /// An older binary compared only the times of the fixes.
    @Test func repeatedFix_doesNotMoveAPosition_thatAnOlderBinaryFroze() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix(at: 300, received: 300)])])
            _ = try await bench.fixes.record([post([try fix(at: 540, received: 0)])])
            try await bench.execute(
                """
                UPDATE vehicle_positions p SET recorded_at = f.recorded_at, received_at = f.received_at
                FROM fixes f WHERE f.vehicle_key = p.vehicle_key AND f.recorded_at > p.recorded_at
                """)
            let frozen = try await newest(bench)
            #expect(frozen == 540)
            var repeated = try fix(at: 300, received: 310)
            repeated.fix.latitudeDegrees = 77
            _ = try await bench.fixes.record([post([repeated])])
            let rows = try await bench.fixes.newestFixes(of: north)
            #expect(rows.map(\.fix.latitudeDegrees) == [53.5])
        }
    }

    @Test func newestFix_isTheLatestRecordOfAPost_orTheOneReceivedLater() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([
                post([
                    try fix(at: 541, received: 0), try fix(at: 20, received: 0),
                    try fix(at: 540, received: 0),
                ])
            ])
            let ofOne = try await newest(bench)
            #expect(ofOne == 541)
            _ = try await bench.fixes.record([
                post([try fix(at: 539, received: 1)]), post([try fix("b", at: 600, received: 1)]),
            ])
            let ofTwo = try await newest(bench)
            #expect(ofTwo == 539)
            // In this batch the later record was received earlier.
            _ = try await bench.fixes.record([
                post([try fix("c", at: 541, received: 1)]), post([try fix("c", at: 540, received: 2)]),
            ])
            let ofUnit = try await newest(bench, "c")
            #expect(ofUnit == 540)
        }
    }

    @Test func acceptedPlaces_areReported_withinABatch() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix(at: 100, received: 0)])])
            let outcomes = try await bench.fixes.record([
                post([try fix(at: 101, received: 1), try fix(at: 101, received: 1)]),
                post([
                    try fix(at: 101, received: 2), try fix(at: 100, received: 2),
                    try fix(at: 102, received: 2),
                ]),
                post([try fix(at: 103, received: 2)]),
            ])
            #expect(
                outcomes == [
                    PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [0]),
                    PostOutcome(accepted: 1, duplicates: 2, acceptedPlaces: [2]),
                    PostOutcome(accepted: 1, duplicates: 0),
                ])
            // Without a stored fix the database reports nothing, and the first fix of a key counts.
            let fresh = try await bench.fixes.record([
                post([try fix("b", at: 1, received: 1), try fix("b", at: 1, received: 1)])
            ])
            #expect(fresh == [PostOutcome(accepted: 1, duplicates: 1, acceptedPlaces: [0])])
        }
    }

    @Test func repeatedFix_waitsForTheLockOfThePosition() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix(at: 540, received: 0)])])
            let repeated = post([try fix(at: 540, received: 60)])
            try await bench.pool.transaction { connection in
                _ = try await connection.query("SELECT 1 FROM vehicle_positions FOR UPDATE")
                let error = await #expect(throws: StoreError.self) {
                    try await bench.fixes.record([repeated], by: Deadline(after: .milliseconds(500)))
                }
                #expect(error?.kind == .unavailable)
            }
            let after = try await bench.fixes.record([repeated])
            #expect(after == [PostOutcome(accepted: 0, duplicates: 1)])
        }
    }

    /// Both stores record the same random posts.
    @Test(arguments: 1...8) func memoryAndTable_agree(seed: UInt64) async throws {
        try await StorageBench.with { bench in
            let memory = MemoryFixStore()
            var random = SeededGenerator(seed: seed)
            for step in 0..<40 {
                let fixes = try (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    let ahead = [-20, -1, 0, 2, 29, 31, 40, 300, 540].randomElement(using: &random) ?? 0
                    let vehicle = ["a", "b"].randomElement(using: &random) ?? "a"
                    var stored = try fix(vehicle, at: step * 7 + ahead, received: step * 7)
                    stored.motion = .moving(slow: nil)
                    return stored
                }
                let posts = [post(fixes)]
                let inTable = try await bench.fixes.record(posts)
                let inMemory = try await memory.record(posts, by: Deadline(after: .seconds(60)))
                #expect(inTable == inMemory)
                let rows = try await bench.fixes.newestFixes(of: north)
                let expected = try await memory.newestFixes(of: north)
                #expect(
                    rows.sorted { $0.fix.vehicleID < $1.fix.vehicleID }
                        == expected.sorted { $0.fix.vehicleID < $1.fix.vehicleID })
            }
        }
    }
}
