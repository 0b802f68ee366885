import HarborFleet
import HarborFleetTesting
import Postgres
import StoreCache
import Supervision
import Synchronization
import Testing

@testable import HarborFleetStorage

/// A migrated database without partitions, and three connections to it.
struct PartitionBench: Sendable {
    /// The connection of the keeper.
    let keeping: PostgresConnection
    /// The connection of another session that holds up the keeper.
    let other: PostgresConnection
    /// The connection that writes fixes meanwhile.
    let ingest: PostgresConnection

    /// Runs `body` with a bench.
    static func with(_ body: (PartitionBench) async throws -> Void) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.statementTimeout = .seconds(60)
        var connections: [PostgresConnection] = []
        for _ in 0..<3 { connections.append(try await database.connect(configuration)) }
        let bench = PartitionBench(keeping: connections[0], other: connections[1], ingest: connections[2])
        let result = await Result {
            _ = try await StorageMigrations.migrator.apply(on: bench.keeping)
            try await body(bench)
        }
        for connection in connections { await connection.close() }
        try result.get()
    }

    /// Writes fixes without a pause before, while and after `body` runs. A write fails when it would wait for a lock,
    /// or behind another session that waits for one.
    func ingesting<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        try await ingest.execute(script: "SET lock_timeout = '50ms'")
        let over = Over()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                while true {
                    let wasOver = over.flag.load(ordering: .acquiring)
                    try await insert(at: "2026-11-20 18:00:00+00")
                    if wasOver { return nil }
                }
            }
            let value = try await body()
            over.flag.store(true, ordering: .releasing)
            for try await _ in group {}
            return value
        }
    }

    /// Inserts one fix of a vehicle of its own.
    func insert(at time: String) async throws {
        try await ingest.execute(
            script: """
                INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, post_id)
                VALUES ((random() * 1e15)::bigint, '\(time)', now(), 1, 1, gen_random_uuid())
                """)
    }

    /// The names of the attached tables.
    func partitions() async throws -> [String] {
        let rows = try await ingest.query(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'fixes'::regclass ORDER BY 1")
        return try rows.map { try $0.string(0) }
    }
}

private final class Over: Sendable {
    let flag = Atomic(false)
}

extension PartitionKeeper {
    /// Drops the expired partitions at a time and by a retention that the guard does not doubt.
    func dropExpired(
        now: Timestamp, retentionDays: Int, on connection: PostgresConnection
    ) async throws(StoreError) -> Report {
        try await dropExpired(on: connection) { _ in
            RetentionHorizon(now: now, fixDays: retentionDays, receiptDays: retentionDays)
        }
    }
}
