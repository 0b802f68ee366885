import HarborFleetTesting
import Testing

@testable import Postgres

/// Functions whose names have a digest of their text.
@Suite(.timeLimit(.minutes(1))) struct SchemaFunctionTests {
    private let table = Migration(number: 1, name: "one", sql: "CREATE TABLE one (a int)", checksum: "c1")

    private func function(returning number: Int, digest: String) -> SchemaFunction {
        SchemaFunction(
            stem: "answer",
            text:
                "-- answer\nCREATE OR REPLACE FUNCTION answer(a int) RETURNS int LANGUAGE sql AS 'SELECT a + \(number)'",
            digest: digest)
    }

    @Test func name_hasTheFileNameAndSixteenDigits() {
        let function = function(returning: 1, digest: "0123456789abcdef0123")
        #expect(function.name == "answer_0123456789abcdef")
        #expect(function.sql.contains("CREATE OR REPLACE FUNCTION answer_0123456789abcdef(a int)"))
        #expect(function.sql.hasPrefix("-- answer\n"))
    }

    @Test func function_isCreatedOnceAfterTheMigrations_andReported() async throws {
        try await TestPostgres.withConnection { connection in
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            let before = try await migrator.overview(on: connection)
            #expect(before.functions.missing == ["answer_a1"] && before.isBehind)
            let report = try await migrator.apply(on: connection)
            #expect(report == MigrationReport(migrations: [table], functions: ["answer_a1"]))
            let answer = try await connection.number("SELECT answer_a1(1)")
            #expect(answer == 2)
            let again = try await migrator.apply(on: connection)
            #expect(again == MigrationReport())
            let after = try await migrator.overview(on: connection)
            #expect(after.functions == SchemaFunctionOverview() && !after.isBehind)
        }
    }

    @Test func binaries_haveOneFunctionEach() async throws {
        try await TestPostgres.withConnection { connection in
            let old = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            let new = Migrator([table], functions: [function(returning: 2, digest: "a2")])
            _ = try await old.apply(on: connection)
            let report = try await new.apply(on: connection)
            #expect(report == MigrationReport(functions: ["answer_a2"]))
            let answers = try await connection.query("SELECT answer_a1(1), answer_a2(1)")
            let found = [try answers[0].int64(0), try answers[0].int64(1)]
            #expect(found == [2, 3])
            #expect(try await old.overview(on: connection).isBehind == false)
            let none = try await Migrator([table]).overview(on: connection)
            #expect(!none.isBehind && none.problem == nil)
        }
    }

    @Test func missingFunction_isCreatedAgain() async throws {
        try await TestPostgres.withConnection { connection in
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            _ = try await migrator.apply(on: connection)
            try await connection.execute(script: "DROP FUNCTION answer_a1")
            let report = try await migrator.apply(on: connection)
            #expect(report.functions == ["answer_a1"])
        }
    }

    @Test func functionWithoutItsRow_isUsed_andRecordedAgain() async throws {
        try await TestPostgres.withConnection { connection in
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            _ = try await migrator.apply(on: connection)
            for loss in ["DELETE FROM schema_functions", "DROP TABLE schema_functions"] {
                try await connection.execute(script: loss)
                let overview = try await migrator.overview(on: connection)
                #expect(!overview.isBehind && overview.functions.isStale)
                try await migrator.keepFunctions(overview.functions, on: connection)
                #expect(try await migrator.overview(on: connection).functions.needsUpkeep == false)
            }
        }
    }

    @Test func use_isRecordedOnceADay() async throws {
        try await TestPostgres.withConnection { connection in
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            _ = try await migrator.apply(on: connection)
            try await age("a1", "23 hours", connection)
            #expect(try await migrator.overview(on: connection).functions.isStale == false)
            try await age("a1", "25 hours", connection)
            let overview = try await migrator.overview(on: connection)
            #expect(overview.functions.isStale && !overview.isBehind)
            try await migrator.keepFunctions(overview.functions, on: connection)
            #expect(try await migrator.overview(on: connection).functions.needsUpkeep == false)
        }
    }

    @Test func unusedFunction_isDroppedAfter30Days_withItsRow() async throws {
        try await TestPostgres.withConnection { connection in
            for digest in ["a1", "a2", "a3"] {
                _ = try await Migrator([table], functions: [function(returning: 1, digest: digest)])
                    .apply(on: connection)
            }
            try await age("a1", "29 days", connection)
            try await age("a2", "31 days", connection)
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a3")])
            let overview = try await migrator.overview(on: connection)
            #expect(overview.functions.unused == ["answer_a2"])
            try await migrator.keepFunctions(overview.functions, on: connection)
            let left = try await connection.query("SELECT name FROM schema_functions ORDER BY 1")
            #expect(try left.map { try $0.string(0) } == ["answer_a1", "answer_a3"])
            let functions = try await connection.query(
                "SELECT proname::text FROM pg_proc WHERE proname ~ '^answer' ORDER BY 1")
            #expect(try functions.map { try $0.string(0) } == ["answer_a1", "answer_a3"])
        }
    }

    @Test func function_stays_whenItCannotBeDropped() async throws {
        try await TestPostgres.withConnection { connection in
            for digest in ["a1", "a2"] {
                _ = try await Migrator([table], functions: [function(returning: 1, digest: digest)])
                    .apply(on: connection)
            }
            try await age("a1", "31 days", connection)
            try await connection.execute(
                script: "CREATE VIEW user_of_it AS SELECT answer_a1(1) AS one")
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a2")])
            let overview = try await migrator.overview(on: connection)
            #expect(!overview.isBehind)
            await #expect(throws: MigrationError.self) {
                try await migrator.keepFunctions(overview.functions, on: connection)
            }
            let answer = try await connection.number("SELECT one::int FROM user_of_it")
            #expect(answer == 2)
        }
    }

    /// The role may use the existing tables and migrates nothing.
    @Test func role_usesTheFunctions_whenItMayNotReadTheList() async throws {
        try await TestPostgres.withConnection { connection in
            let migrator = Migrator([table], functions: [function(returning: 1, digest: "a1")])
            _ = try await migrator.apply(on: connection)
            let role = "reader_\(UInt32.random(in: 0 ... .max))"
            try await connection.execute(
                script: "CREATE ROLE \(role); GRANT SELECT ON schema_migrations TO \(role); SET ROLE \(role)")
            let overview = try await migrator.overview(on: connection)
            #expect(!overview.isBehind && overview.functions.isStale)
            await #expect(throws: MigrationError.self) {
                try await migrator.keepFunctions(overview.functions, on: connection)
            }
            try await connection.execute(script: "RESET ROLE; DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    private func age(
        _ digest: String, _ age: String, _ connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            "UPDATE schema_functions SET last_used_at = now() - $2::text::interval WHERE name = $1",
            [.text("answer_\(digest)"), .text(age)])
    }
}
