import HarborFleet
import Postgres
import StoreCache
import Supervision
import Testing

@testable import HarborFleetStorage

/// The store gives up a batch in time, whatever the batch waits for. The time-out of the pools is 30 s.
@Suite(.timeLimit(.minutes(1))) struct RecordDeadlineTests {
    private static let atLast: Duration = .seconds(10)
    private static let blocked = """
        FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
        """

    /// Runs `body` while no commit can end.
    private func whileLocked(_ body: (StorageBench) async throws -> Void) async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", 0)])])
            try await bench.pool.transaction { connection in
                _ = try await connection.query("LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
                try await body(bench)
            }
        }
    }

    private func isGivenUp(_ bench: StorageBench, _ post: PendingPost, within limit: Duration) async {
        let start = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) {
            try await bench.fixes.record([post], by: Deadline(after: limit))
        }
        #expect(error == StoreError(.unavailable, detail: "the database does not respond: time-out"))
        let duration = start.duration(to: .now)
        #expect(duration >= limit && duration < Self.atLast)
    }

    @Test(arguments: ["a", "new"])
    func batch_isGivenUp_whenItWaitsForALock(vehicle: String) async throws {
        try await whileLocked { bench in
            await isGivenUp(bench, post([try fix(vehicle, 1)]), within: .seconds(2))
        }
    }

    @Test func batch_isGivenUpInTime_whenItsOutcomeMustBeLookedUp() async throws {
        try await whileLocked { bench in
            let late = post([try fix("a", 1)])
            async let end: Void = isGivenUp(bench, late, within: .seconds(3))
            try await bench.waitUntil("EXISTS (SELECT \(Self.blocked))")
            try await bench.execute("SELECT pg_terminate_backend(pid) \(Self.blocked)")
            // The look-up of the outcome waits for the same lock.
            try await bench.waitUntil("EXISTS (SELECT \(Self.blocked) AND query LIKE '%post_id = ANY%')")
            await end
        }
    }

    @Test func repeatedPost_countsOnce_afterItWasGivenUp() async throws {
        let late = post([try fix("a", 1)])
        try await StorageBench.with { bench in
            try await bench.pool.transaction { connection in
                _ = try await connection.query("LOCK TABLE receipts IN ACCESS EXCLUSIVE MODE")
                await isGivenUp(bench, late, within: .seconds(2))
            }
            let outcome = try await bench.fixes.record([late])
            #expect(outcome == [PostOutcome(accepted: 1, duplicates: 0)])
        }
    }
}
