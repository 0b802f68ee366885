import HarborFleet
import HarborFleetTesting
import Postgres
import Testing

@testable import HarborFleetStorage

@Suite(.timeLimit(.minutes(2))) struct PartitionTests {
    private let now = StorageBench.now
    private let keeper = PartitionKeeper()

    private func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        // This time zone would move bounds that are written without an offset.
        configuration.url += " options='-c TimeZone=Pacific/Auckland'"
        configuration.statementTimeout = .seconds(60)
        try await database.withConnection(configuration) { connection in
            _ = try await StorageMigrations.migrator.apply(on: connection)
            try await body(connection)
        }
    }

    private func days(_ connection: PostgresConnection) async throws -> [String] {
        let rows = try await connection.query(
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'fixes'::regclass ORDER BY 1
            """)
        return try rows.map { row in try row.string(0) }
    }

    @Test func ensure_makesTheRetentionAndAWeekAhead_once() async throws {
        try await withConnection { connection in
            let report = try await keeper.ensure(now: now, retentionDays: 90, on: connection)
            #expect(report.created.count == 98)
            // Yesterday to tomorrow come first, then the newest.
            #expect(
                report.created.prefix(5) == [
                    "fixes_20261119", "fixes_20261120", "fixes_20261121", "fixes_20261127", "fixes_20261126",
                ])
            #expect(report.created.last == "fixes_20260822")
            let again = try await keeper.ensure(now: now, retentionDays: 90, on: connection)
            #expect(again.created == [])
            let found = try await days(connection)
            #expect(found == report.created.sorted())
        }
    }

    @Test func bounds_areUTCDays_inAnyTimeZone() async throws {
        try await withConnection { connection in
            _ = try await keeper.ensure(now: now, retentionDays: 1, on: connection)
            let inserted = try await connection.query(
                """
                INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, post_id)
                VALUES (1, $1, now(), 1, 1, gen_random_uuid()), (1, $2, now(), 1, 1, gen_random_uuid())
                RETURNING tableoid::regclass::text
                """,
                [
                    .timestamptz(milliseconds: 1_795_219_199_999),
                    .timestamptz(milliseconds: 1_795_219_200_000),
                ])
            let tables = try inserted.map { row in try row.string(0) }
            #expect(tables == ["fixes_20261120", "fixes_20261121"])
        }
    }

    @Test func expiredDays_areDropped_andOthersStay() async throws {
        try await withConnection { connection in
            _ = try await keeper.ensure(now: now, retentionDays: 5, on: connection)
            let report = try await keeper.dropExpired(
                now: now.advanced(by: .seconds(2 * 86_400)), retentionDays: 5, on: connection)
            #expect(report.dropped == ["fixes_20261115", "fixes_20261116"])
            let found = try await days(connection)
            #expect(found.first == "fixes_20261117")
            #expect(found.count == 11)
        }
    }

    @Test func detachedTable_isDroppedOrAttachedAgain() async throws {
        try await withConnection { connection in
            _ = try await keeper.ensure(now: now, retentionDays: 5, on: connection)
            try await connection.execute(
                script: "ALTER TABLE fixes DETACH PARTITION fixes_20261115 CONCURRENTLY")
            try await connection.execute(
                script: "ALTER TABLE fixes DETACH PARTITION fixes_20261120 CONCURRENTLY")
            let report = try await keeper.dropExpired(now: now, retentionDays: 4, on: connection)
            #expect(report.dropped == ["fixes_20261115"])
            let ensured = try await keeper.ensure(now: now, retentionDays: 4, on: connection)
            #expect(ensured.created == ["fixes_20261120"])
        }
    }

    @Test func interruptedDetach_isFinished() async throws {
        try await withConnection { connection in
            _ = try await keeper.ensure(now: now, retentionDays: 5, on: connection)
            try await interruptDetach(of: "fixes_20261115", connection)
            let pending = try await connection.query(
                "SELECT count(*) FROM pg_inherits WHERE inhdetachpending")
            #expect(try pending[0].int64(0) == 1)
            let report = try await keeper.dropExpired(now: now, retentionDays: 4, on: connection)
            #expect(report.dropped == ["fixes_20261115"])
        }
    }

    /// Leaves a concurrent detach half done. It waits for a reader of the table and is cancelled there.
    private func interruptDetach(of table: String, _ connection: PostgresConnection) async throws {
        let database = try await connection.query(
            "SELECT current_database(), current_setting('unix_socket_directories')")
        var configuration = PostgresConfiguration(
            url: "host=\(try database[0].string(1)) dbname=\(try database[0].string(0)) user=postgres",
            applicationName: "harbor-fleet/test", statementTimeout: .seconds(60))
        configuration.url += " options='-c lock_timeout=100ms'"
        let logger = try await TestPostgres.shared.makeDatabase().logger
        let other = try await PostgresConnection.open(configuration, on: connection.loop, logger: logger)
        _ = try await connection.query("BEGIN")
        _ = try await connection.query("SELECT count(*) FROM fixes")
        await #expect(throws: PostgresError.self) {
            try await other.execute(script: "ALTER TABLE fixes DETACH PARTITION \(table) CONCURRENTLY")
        }
        _ = try await connection.query("COMMIT")
        await other.close()
    }

    @Test func days_areNamedAndRead() {
        #expect(PartitionDay(of: Timestamp(milliseconds: -1)).daysSince1970 == -1)
        #expect(PartitionDay(daysSince1970: 0).tableName == "fixes_19700101")
        #expect(PartitionDay(daysSince1970: 0).bound == "1970-01-01 00:00:00+00")
        #expect(PartitionDay(tableName: "fixes_20240229")?.next.tableName == "fixes_20240301")
        for name in ["fixes", "fixes_20230229", "fixes_2023022", "fixes_202302290", "tixes_20240229"] {
            #expect(PartitionDay(tableName: name) == nil)
        }
    }
}
