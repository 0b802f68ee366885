import HarborFleetTesting
import Testing

@testable import Postgres

/// The parts of the layer that must work through a PgBouncer in transaction mode.
@Suite(.timeLimit(.minutes(1))) struct PgBouncerTests {
    private func withConnection(
        statementTimeout: Duration = .seconds(20),
        _ body: (PostgresConnection, TestPostgres.Database) async throws -> Void
    ) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let bouncer = try await PgBouncer(before: database.url, serverConnections: 2)
        let configuration = PostgresConfiguration(
            url: bouncer.url, applicationName: "harbor-fleet/test/bouncer", statementTimeout: statementTimeout
        )
        try await database.withConnection(configuration) { try await body($0, database) }
        withExtendedLifetime(bouncer) {}
    }

    @Test func largeBatches_getTheirOwnResults() async throws {
        try await withConnection { connection, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 as Range<Int64> {
                    group.addTask {
                        let bytes = [UInt8](repeating: UInt8(number), count: 1_000_000)
                        let rows = try await connection.unit([
                            PostgresStatement("SELECT $1::int8", [.int8(number)]),
                            PostgresStatement("SELECT $1::bytea", [.bytes(bytes)]),
                        ])
                        #expect(try rows[0][0].int64(0) == number)
                        #expect(try rows[1][0].bytes(0) == bytes)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func batch_isOneTransaction_andAFailedOneLeavesTheConnectionUsable() async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "CREATE TABLE t (a int)")
            await #expect(throws: PostgresError.self) {
                try await connection.unit([
                    PostgresStatement("INSERT INTO t VALUES (1)"), PostgresStatement("SELECT 1 / 0"),
                ])
            }
            let count = try await connection.number("SELECT count(*) FROM t")
            #expect(count == 0)
        }
    }

    @Test func slowStatement_isCancelledAtTheServer() async throws {
        try await withConnection(statementTimeout: .milliseconds(300)) { connection, database in
            let watcher = try await database.connect()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(60)")
            }
            #expect(error?.kind == .timeout)
            try await watcher.waitUntil(
                """
                NOT EXISTS (SELECT FROM pg_stat_activity
                    WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND datname = current_database())
                """)
            await watcher.close()
        }
    }
}
