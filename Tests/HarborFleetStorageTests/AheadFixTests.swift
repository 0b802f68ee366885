import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

/// The table and clocks that run ahead. `SharedAheadFixTests` has the rules for both stores.
@Suite(.timeLimit(.minutes(2))) struct AheadFixTests {
    private let north = StorageBench.north

    /// A fix of `vehicle` with its own time and the time of receipt, in seconds after the bench's now.
    private func fix(_ vehicle: String = "a", at recorded: Int, received: Int) throws -> StoredFix {
        var stored = try HarborFleetStorageTests.fix(vehicle, recorded)
        stored.receivedAt = StorageBench.now.advanced(by: .seconds(received))
        return stored
    }

    /// The second of the newest fix of the vehicle.
    private func newest(_ bench: StorageBench) async throws -> Int64? {
        try await bench.fixes.newestFixes(of: north).first { $0.fix.vehicleID.rawValue == "a" }
            .map { $0.fix.recordedAt.since(StorageBench.now).components.seconds }
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
