import EventLoops
import HarborFleet
import HarborFleetTesting
import Logging
import Postgres
import StoreCache
import Testing

@testable import HarborFleetStorage

/// A PostgreSQL whose lock table has no room for a statement over all partitions.
@Suite(.timeLimit(.minutes(2)), .serialized) struct LockMemoryTests {
    private static let days = 900

    private struct Bench {
        let cluster: PostgresCluster
        let pool: PostgresPool
        let loop: EventLoop
        let report: PartitionKeeper.Report
    }

    private static let shared = Task { try await makeBench() }

    private static func makeBench() async throws -> Bench {
        let cluster = try await PostgresCluster(settings: [
            "max_locks_per_transaction": "10", "max_connections": "10", "max_worker_processes": "1",
            "max_wal_senders": "0", "autovacuum_max_workers": "1",
        ])
        let database = try await cluster.makeDatabase()
        let loop = try EventLoop(label: "test.lock-memory")
        loop.start()
        let pool = PostgresPool(
            configuration: PostgresConfiguration(
                url: database.tcpURL, applicationName: "harbor-fleet/test", statementTimeout: .seconds(30)),
            on: loop, size: 2, acquireTimeout: .seconds(30),
            logger: .silent)
        pool.start()
        let report = try await pool.withConnection { connection in
            _ = try await StorageMigrations.migrator.apply(on: connection)
            return try await PartitionKeeper().ensure(
                now: StorageBench.now, retentionDays: days, on: connection)
        }
        try await PostgresFleetStore(pool: pool).add(Fleet(id: StorageBench.north, name: "North"))
        return Bench(cluster: cluster, pool: pool, loop: loop, report: report)
    }

    @Test func partitions_areMadeInTheLargestSlicesThatFit() async throws {
        let bench = try await Self.shared.value
        #expect(bench.report.created.count == Self.days + 8)
        #expect(bench.report.problems.isEmpty)
    }

    @Test func statementOverAllPartitions_saysWhatIsMissing() async throws {
        let bench = try await Self.shared.value
        let error = await #expect(throws: PostgresError.self) {
            try await bench.pool.query("SELECT count(*) FROM fixes")
        }
        #expect(error?.sqlState == "53200" && error?.isOutOfLocks == true)
        let stored = StoreError(try #require(error))
        #expect(stored.kind == .unavailable)
        let reason =
            "the database is out of lock memory: max_locks_per_transaction is too small (SQLSTATE 53200)"
        #expect(stored.reason == reason && stored.detail == reason)
    }

    @Test func trackOverAllPartitions_isRead_andItsVehicleIsRemoved() async throws {
        let bench = try await Self.shared.value
        let fixes = PostgresFixStore(pool: bench.pool, recorder: bench.pool)
        let store = PostgresTrackStore(pool: bench.pool)
        let seconds = [-(Self.days - 1) * 86_400, -400 * 86_400, -86_400, 0]
        var sent = try seconds.map { try fix("a", $0) }
        sent[0].fix.longitudeDegrees = 179
        sent[1].fix.longitudeDegrees = -179
        // Each fix has a POST of its own, because a POST locks the days of its fixes.
        for fix in sent { _ = try await fixes.record([post([fix])]) }
        let id = try #require(VehicleID("a"))
        guard case .found(let vehicle) = try await store.vehicle(id, of: StorageBench.north) else {
            Issue.record("no vehicle")
            return
        }
        let always = Timestamp(milliseconds: .min / 2)..<Timestamp(milliseconds: .max / 2)
        let page = try await store.fixes(of: vehicle, in: always, limit: 10, attributeBytes: 1_000)
        #expect(page == sent)
        let short = try await store.fixes(of: vehicle, in: always, limit: 3, attributeBytes: 1_000)
        #expect(short == Array(sent.prefix(3)))
        // The fixes on both sides of the antimeridian lie in different spans.
        #expect(try await store.crossesAntimeridian(vehicle, in: always, limit: 10))
        #expect(try await !store.crossesAntimeridian(vehicle, in: always, limit: 1))
        let later = StorageBench.now.advanced(by: .seconds(-200 * 86_400))
        #expect(try await !store.crossesAntimeridian(vehicle, in: later..<always.upperBound, limit: 10))

        try await PostgresFleetStore(pool: bench.pool).removeVehicle(id, of: StorageBench.north)
        let slices = try await RemovalSweeper(pool: bench.pool, settleTime: .zero, fixesPerSlice: 2).sweep()
        #expect(slices > 0 && slices < 50)
        for table in ["removals", "vehicles", "vehicle_positions"] {
            let count = try await bench.pool.query("SELECT count(*) FROM \(table)")[0].int64(0)
            #expect(count == 0, "\(table)")
        }
        let left = try await store.fixes(of: vehicle, in: always, limit: 10, attributeBytes: 1_000)
        #expect(left.isEmpty)
    }

    /// The look-up of stored fixes covers only the days of the POST.
    @Test(arguments: [-(days - 10) * 86_400, -20 * 86_400])
    func repeat_isFound_whenItsFixesAreFarApart(first: Int) async throws {
        let bench = try await Self.shared.value
        let store = PostgresFixStore(pool: bench.pool, recorder: bench.pool)
        let vehicle = "repeated\(first)"
        let sent = [try fix(vehicle, first), try fix(vehicle, 0)]
        _ = try await store.record([post(sent)])
        let again = try await store.record([post(sent + [try fix(vehicle, 1)])])
        #expect(again == [PostOutcome(accepted: 1, duplicates: 2, acceptedPlaces: [2])])
    }

    @Test func expiredPartitions_areDropped_someAtATime() async throws {
        let bench = try await Self.shared.value
        // The dropped days are not those of the other tests.
        let horizon = RetentionHorizon(
            now: StorageBench.now, fixDays: Self.days, receiptDays: Self.days)
        var shorter = horizon
        shorter.fixDays = Self.days - 5
        let reports = try await bench.pool.withConnection { connection in
            let first = try await PartitionKeeper().dropExpired(limit: 3, on: connection) { _ in shorter }
            let second = try await PartitionKeeper().dropExpired(limit: 3, on: connection) { _ in shorter }
            return [first, second]
        }
        #expect(reports.map(\.dropped.count) == [3, 2])
        #expect(reports.allSatisfy { $0.problems.isEmpty })
        _ = try await bench.pool.withConnection { connection in
            try await PartitionKeeper().ensure(
                now: StorageBench.now, retentionDays: Self.days, limit: 5, on: connection)
        }
    }
}
