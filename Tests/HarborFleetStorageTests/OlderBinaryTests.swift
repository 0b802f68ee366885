import HarborFleet
import HarborFleetTesting
import Postgres
import Testing

@testable import HarborFleetStorage

/// A binary from before the functions had a digest in their names calls `record_fixes` of the migrations. That function
/// stays beside this binary's own, so that both binaries accept POSTs during a deploy.
@Suite(.timeLimit(.minutes(2))) struct OlderBinaryTests {
    /// The statement by which an older binary records one fix.
    private static let record = """
        SELECT (record_fixes((SELECT removals FROM revision), NULL, ARRAY[$1::uuid], ARRAY[$2::bigint], ARRAY['acme'],
            ARRAY['msg_1'], ARRAY[$4::timestamptz], ARRAY[100::bigint], ARRAY[NULL::bytea], ARRAY[1], ARRAY[1], ARRAY[1],
            ARRAY[$3::bigint], ARRAY[$4::timestamptz], ARRAY[$4::timestamptz], ARRAY[$5::float8], ARRAY[9.9::float8],
            NULL, NULL, NULL, NULL, NULL, NULL, ARRAY[1], ARRAY[true], NULL, NULL))[1]
        """

    @Test func olderBinary_recordsIntoTheSameDatabase() async throws {
        try await StorageBench.with { bench in
            _ = try await bench.fixes.record([post([try fix("a", -1), try fix("b", -1)])])
            let keys = try await bench.pool.query(
                "SELECT fleet_key, vehicle_key FROM vehicles ORDER BY vehicle_id")
            let fleetKey = try keys[0].int64(0)
            let vehicleKeys = [try keys[0].int64(1), try keys[1].int64(1)]
            let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
                // Both record every other second.
                group.addTask {
                    var accepted = 0
                    for second in 0..<120 {
                        let outcome = try await bench.fixes.record([
                            post([try fix("a", second, latitude: 1), try fix("b", second, latitude: 1)])
                        ])
                        accepted += outcome[0].accepted
                    }
                    return accepted
                }
                group.addTask {
                    var accepted = 0
                    for second in stride(from: 0, to: 240, by: 2) {
                        for key in vehicleKeys.reversed() {
                            let rows = try await bench.pool.query(
                                Self.record,
                                [
                                    .uuid(PostID.make(at: StorageBench.now).number), .int8(fleetKey),
                                    .int8(key),
                                    .timestamptz(
                                        milliseconds: StorageBench.now.advanced(by: .seconds(second))
                                            .milliseconds),
                                    .float8(2),
                                ])
                            accepted += Int(try rows[0].int64(0))
                        }
                    }
                    return accepted
                }
                return try await group.reduce(0, +)
            }
            let stored = try await bench.number("SELECT count(*) FROM fixes")
            #expect(accepted == 2 * (120 + 60) && stored == Int64(accepted + 2))
            let told = try await bench.number("SELECT sum(accepted)::bigint FROM receipts")
            #expect(told == stored)
            // No clock ran ahead, so both binaries agree on the order.
            let behind = try await bench.number(
                """
                SELECT count(*) FROM vehicle_positions p WHERE p.recorded_at
                    <> (SELECT max(f.recorded_at) FROM fixes f WHERE f.vehicle_key = p.vehicle_key)
                """)
            #expect(behind == 0)
        }
    }

    @Test func migratedFunctions_stayBesideThoseOfThisBinary() async throws {
        try await StorageBench.with { bench in
            let names = try await bench.pool.query(
                "SELECT proname::text FROM pg_proc WHERE proname LIKE 'record_fixes%' ORDER BY 1")
            #expect(
                try names.map { try $0.string(0) } == ["record_fixes", StorageMigrations.recordFixes.name])
            let noted = try await bench.text("SELECT string_agg(name, ' ') FROM schema_functions")
            #expect(noted == StorageMigrations.recordFixes.name)
        }
    }
}
