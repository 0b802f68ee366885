import HarborFleetTesting
import Supervision
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    private func withConnection(
        statementTimeout: Duration = .seconds(20), _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.statementTimeout = statementTimeout
        try await database.withConnection(configuration, body)
    }

    @Test func values_comeBackUnchanged_inBinary() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                """
                SELECT $1::text, $2::bytea, $3::int4, $4::int8, $5::float8, $6::bool, $7::timestamptz, $8::uuid,
                    $9::text
                """,
                [
                    .text("grüß"), .bytes([0, 255]), .int4(-7), .int8(.min), .float8(-0.1), .bool(true),
                    .timestamptz(milliseconds: -1),
                    .uuid(0x0001_0203_0405_0607_0809_0A0B_0C0D_0E0F), .null,
                ])
            let row = rows[0]
            #expect(try row.string(0) == "grüß")
            #expect(try row.bytes(1) == [0, 255])
            #expect(try row.int64(2) == -7)
            #expect(try row.int64(3) == .min)
            #expect(try row.double(4) == -0.1)
            #expect(try row.bool(5))
            #expect(try row.milliseconds(6) == -1)
            #expect(try row.uuid(7) == 0x0001_0203_0405_0607_0809_0A0B_0C0D_0E0F)
            #expect(try row.optionalString(8) == nil)
            #expect(try row.isNull(8))
        }
    }

    @Test func arrays_areReadByTheServer_asTheirElements() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                """
                SELECT * FROM unnest($1::text[], $2::int8[], $3::float8[], $4::timestamptz[], $5::int4[], $6::bytea[],
                    $7::uuid[])
                """,
                [
                    .textArray(["a", nil, ""]), .int8Array([1, 2, nil]), .float8Array([nil, 0.5, 1]),
                    .timestamptzArray(milliseconds: [0, 1, 1_700_000_000_123]), .int4Array([3, 2, 1]),
                    .bytesArray([[1], nil, []]), .uuidArray([0, .max, 1 << 127]),
                ])
            #expect(rows.count == 3)
            #expect(try rows.map { try $0.optionalString(0) } == ["a", nil, ""])
            #expect(try rows.map { try $0.optionalInt64(1) } == [1, 2, nil])
            #expect(try rows.map { try $0.optionalDouble(2) } == [nil, 0.5, 1])
            #expect(try rows.map { try $0.milliseconds(3) } == [0, 1, 1_700_000_000_123])
            #expect(try rows.map { try $0.int64(4) } == [3, 2, 1])
            #expect(try rows.map { try $0.optionalBytes(5) } == [[1], nil, []])
            #expect(try rows.map { try $0.uuid(6) } == [0, .max, 1 << 127])
        }
    }

    @Test func arrays_areDecoded_alsoWhenTheyAreEmpty() async throws {
        try await withConnection { connection in
            let row = try await connection.query(
                "SELECT ARRAY[true, false], '{}'::boolean[], ARRAY['x', 'yz']")[0]
            #expect(try row.boolArray(0) == [true, false])
            #expect(try row.boolArray(1) == [])
            #expect(try row.stringArray(2) == ["x", "yz"])
        }
    }

    @Test func field_throws_whenItsTypeOrPlaceDiffers() async throws {
        try await withConnection { connection in
            let rows = try await connection.query("SELECT 1::int8, NULL::int8")
            #expect(throws: PostgresError.self) { try rows[0].string(0) }
            #expect(throws: PostgresError.self) { try rows[0].int64(1) }
            #expect(throws: PostgresError.self) { try rows[0].int64(2) }
            #expect(throws: PostgresError.self) { try rows[1].int64(0) }
            #expect(throws: PostgresError.self) { try rows[0].int64(-1) }
        }
    }

    @Test func refusal_hasItsSQLStateAndConstraint_andNoValuesInItsDescription() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TABLE t (a text CONSTRAINT t_key UNIQUE)")
            _ = try await connection.query("INSERT INTO t VALUES ($1)", [.text("hush")])
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("INSERT INTO t VALUES ($1)", [.text("hush")])
            }
            #expect(error?.sqlState == "23505")
            #expect(error?.constraint == "t_key")
            #expect(error?.description.contains("hush") == false)
            #expect(error?.debugDescription.contains("hush") == true)
            #expect(error?.outcomeUnknown == false)
        }
    }

    @Test func batch_isUndoneAsAWhole_andTheConnectionStaysUsable() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TABLE t (a int)")
            await #expect(throws: PostgresError.self) {
                try await connection.unit([
                    PostgresStatement("INSERT INTO t VALUES (1)"), PostgresStatement("SELECT 1 / 0"),
                    PostgresStatement("INSERT INTO t VALUES (2)"),
                ])
            }
            #expect(try await connection.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test func concurrentBatches_getTheirOwnResults_withScriptsBetween() async throws {
        try await withConnection { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 as Range<Int64> {
                    group.addTask {
                        if number % 7 == 0 { try await connection.execute(script: "SELECT 1; SELECT 2") }
                        let rows = try await connection.query("SELECT $1::int8", [.int8(number)])
                        #expect(try rows[0].int64(0) == number)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func largeValues_passThroughTheSocketBuffers() async throws {
        try await withConnection { connection in
            let bytes = [UInt8](repeating: 7, count: 5_000_000)
            let rows = try await connection.query("SELECT $1::bytea", [.bytes(bytes)])
            #expect(try rows[0].bytes(0) == bytes)
        }
    }

    @Test func slowStatement_isCancelledAtTheServer_andTheConnectionClosed() async throws {
        try await withConnection(statementTimeout: .milliseconds(50)) { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(60)")
            }
            #expect(error?.kind == .timeout)
            #expect(error?.outcomeUnknown == true)
            await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        }
    }

    @Test func cancelledCaller_returnsAtOnce_andTheNextGetsItsOwnResult() async throws {
        try await withConnection { connection in
            let sleeper = Task { try await connection.query("SELECT 'late' FROM pg_sleep(0.2)") }
            sleeper.cancel()
            let error = await #expect(throws: PostgresError.self) { try await sleeper.value }
            #expect(error?.kind == .cancelled)
            let next = try await connection.text("SELECT 'next'")
            #expect(next == "next")
        }
    }

    @Test func longStatement_endsAtTheServer_whenItsCallerIsCancelled() async throws {
        try await withConnection { observer in
            try await withConnection { connection in
                let process = try await connection.number("SELECT pg_backend_pid()::bigint")
                let active = "(SELECT FROM pg_stat_activity WHERE pid = \(process) AND state = 'active')"
                let sleeper = Task {
                    try await connection.query("SELECT pg_sleep(600)", timeout: .seconds(600))
                }
                try await observer.waitUntil("EXISTS \(active)")
                sleeper.cancel()
                try await observer.waitUntil("NOT EXISTS \(active)")
            }
        }
    }

    @Test func transaction_isRolledBack_whenItsBodyThrows() async throws {
        struct Stop: Error {}
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TABLE t (a int)")
            await #expect(throws: Stop.self) {
                try await connection.transaction { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            #expect(try await connection.number("SELECT count(*) FROM t") == 0)
        }
    }

    @Test func transaction_isNotBegun_whenItsTimeIsOver() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction(by: Deadline(after: .zero)) { _ in
                    Issue.record("the transaction was begun")
                }
            }
            #expect(error?.kind == .timeout && error?.outcomeUnknown == false)
            let one = try await connection.number("SELECT 1::bigint")
            #expect(one == 1)
        }
    }

    @Test func transaction_isRolledBack_whenItsTimeIsOverAtItsEnd() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TABLE t (a int)")
            let deadline = Deadline(after: .seconds(2))
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction(by: deadline) { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1)")
                    try await ContinuousClock().sleep(until: deadline.instant)
                }
            }
            #expect(error?.kind == .timeout && error?.outcomeUnknown == false)
            let rows = try await connection.number("SELECT count(*) FROM t")
            #expect(rows == 0)
        }
    }

    @Test func transaction_throws_whenItsBodyHidAnError() async throws {
        try await withConnection { connection in
            await #expect(throws: PostgresError.self) {
                try await connection.transaction { connection in
                    _ = try? await connection.query("SELECT 1 / 0")
                }
            }
            let one = try await connection.number("SELECT 1::bigint")
            #expect(one == 1)
        }
    }

    @Test func applicationName_isSet_withKeywordsAndURI() async throws {
        try await withConnection { connection in
            let row = try await connection.query("SELECT current_setting('application_name')")[0]
            #expect(try row.string(0) == "harbor-fleet/test")
        }
        let database = try await TestPostgres.shared.makeDatabase()
        let parts = Dictionary(
            uniqueKeysWithValues: database.url.split(separator: " ").map { part in
                (String(part.prefix { $0 != "=" }), String(part.drop { $0 != "=" }.dropFirst()))
            })
        var configuration = database.configuration
        configuration.url =
            "postgresql:///\(parts["dbname", default: ""])?host=\(parts["host", default: ""])&user=postgres"
        let row = try await database.withConnection(configuration) { connection in
            try await connection.query("SELECT current_database(), current_setting('application_name')")[0]
        }
        #expect(try row.string(0) == parts["dbname"])
        #expect(try row.string(1) == "harbor-fleet/test")
    }

    @Test func connect_failsWithoutThePassword_whenNoServerListens() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        var configuration = database.configuration
        configuration.url = "postgresql://someone:hush@/x?host=/tmp/hf-nowhere"
        let error = await #expect(throws: PostgresError.self) {
            try await database.connect(configuration)
        }
        #expect(error?.kind == .connection)
        #expect(error?.debugDescription.contains("hush") == false)
    }
}
