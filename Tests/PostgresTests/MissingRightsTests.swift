import Foundation
import HarborFleetTesting
import Testing

@testable import Postgres

/// The message to a role without a right, and the effect of the statement in the message.
@Suite(.timeLimit(.minutes(2))) struct MissingRightsTests {
    private let one = Migration(number: 1, name: "one", sql: "CREATE TABLE one (a int)", checksum: "c1")
    private let two = Migration(
        number: 2, name: "two", sql: "ALTER TABLE one ADD COLUMN b int", checksum: "c2")

    /// A database whose schema `public` is closed, and roles that may only log in.
    private struct Bench {
        let database: TestPostgres.Database
        let superuser: PostgresConnection

        init() async throws {
            database = try await TestPostgres.shared.makeDatabase()
            superuser = try await database.connect()
            try await superuser.execute(script: "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        }

        /// Makes a role whose name needs quotes, and its connection.
        func role(_ name: String) async throws -> (quoted: String, PostgresConnection) {
            let role = "\(name)-" + UUID().uuidString.prefix(8).lowercased()
            try await superuser.execute(script: "CREATE ROLE \"\(role)\" LOGIN")
            let connection = try await database.connect(database.configuration(of: role))
            return ("\"\(role)\"", connection)
        }
    }

    private func refusal(
        _ migrations: [Migration], on connection: PostgresConnection
    ) async throws -> MigrationError {
        let error = await #expect(throws: MigrationError.self) {
            try await Migrator(migrations).apply(on: connection)
        }
        return try #require(error)
    }

    @Test(arguments: [
        (
            "", "permission denied for schema public (SQLSTATE 42501)",
            "GRANT USAGE, CREATE ON SCHEMA public TO ROLE;"
        ),
        (
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "no schema has been selected to create in (SQLSTATE 3F000)",
            "GRANT USAGE, CREATE ON SCHEMA public TO ROLE;"
        ),
        (
            "DROP SCHEMA public", "no schema has been selected to create in (SQLSTATE 3F000)",
            "CREATE SCHEMA public AUTHORIZATION ROLE;"
        ),
    ])
    func role_hearsTheStatementThatGrantsTheRight_whenItMayCreateNoTable(
        change: String, words: String, statement: String
    ) async throws {
        let bench = try await Bench()
        let (role, connection) = try await bench.role("app")
        try await bench.superuser.execute(script: change)
        let error = try await refusal([one], on: connection)
        let mend = statement.replacing("ROLE", with: role)
        let expected =
            "the database refuses the work with its migrations: \(words). To fix this, run: \(mend)"
        #expect(error.description == expected && error.summary == expected)
        try await bench.superuser.execute(script: mend)
        let applied = try await Migrator([one]).apply(on: connection).migrations
        #expect(applied == [one])
    }

    @Test func tablesOfAnotherRole_needReading_thenMembership() async throws {
        let bench = try await Bench()
        let (owner, first) = try await bench.role("owner")
        let (role, second) = try await bench.role("app")
        try await bench.superuser.execute(
            script: "GRANT USAGE, CREATE ON SCHEMA public TO \(owner), \(role)")
        _ = try await Migrator([one]).apply(on: first)

        let reading = try await refusal([one, two], on: second)
        let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role);"
        #expect(
            reading.description.hasSuffix(
                "permission denied for table schema_migrations (SQLSTATE 42501). To fix this, run: \(grant)"))
        try await bench.superuser.execute(script: grant)

        let altering = try await refusal([one, two], on: second)
        let membership = "GRANT \(owner) TO \(role);"
        let expected = """
            migration 0002_two failed and was rolled back: must be owner of table one (SQLSTATE 42501). To fix this, \
            run: \(membership)
            """
        #expect(altering.description == expected && altering.summary == expected && !altering.isPassing)
        try await bench.superuser.execute(script: membership)
        let applied = try await Migrator([one, two]).apply(on: second).migrations
        #expect(applied == [two])
    }

    /// Membership of a superuser would grant far more than the missing right.
    @Test func tablesOfASuperuser_areLeftToIt() async throws {
        let bench = try await Bench()
        let (role, connection) = try await bench.role("app")
        _ = try await Migrator([one]).apply(on: bench.superuser)
        try await bench.superuser.execute(
            script:
                "GRANT USAGE, CREATE ON SCHEMA public TO \(role); GRANT ALL ON ALL TABLES IN SCHEMA public TO \(role)"
        )
        let error = try await refusal([one, two], on: connection)
        #expect(
            error.description.hasSuffix(
                "(SQLSTATE 42501). The tables belong to postgres: set DATABASE_DIRECT_URL to connect as that role"
            ))
    }

    @Test func otherRefusals_haveNoAdviceAndNoValues() async throws {
        let bench = try await Bench()
        let connection = bench.superuser
        let missing = await #expect(throws: PostgresError.self) {
            try await connection.explainingRights(.rows) {
                try await connection.query("SELECT secret FROM nowhere")
            }
        }
        #expect(missing?.description == #"relation "nowhere" does not exist (SQLSTATE 42P01)"#)
        let value = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 'hunter2'::int")
        }
        #expect(value?.description == "the server refused the statement (SQLSTATE 22P02)")
        #expect(value?.debugDescription.contains("hunter2") == true)
    }

    @Test func otherRefusal_needsNoOtherConnection() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let pool = database.startPool(size: 1, acquireTimeout: .seconds(2))
        try await pool.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.explainingRights(.rows) { try await connection.query("SELECT 1 / 0") }
            }
            #expect(error?.sqlState == "22012")
        }
        #expect(pool.health.exhausted == 0)
        await pool.stop()
    }

    @Test func role_isNamedTheMissingGrant_whenItMayNotConnect() async throws {
        let bench = try await Bench()
        let name = try await bench.superuser.text("SELECT current_database()::text")
        try await bench.superuser.execute(script: "REVOKE CONNECT ON DATABASE \(name) FROM PUBLIC")
        let error = await #expect(throws: PostgresError.self) { _ = try await bench.role("app") }
        #expect(
            error?.reason
                == "the role may not connect to the database: GRANT CONNECT ON DATABASE (SQLSTATE 42501)")
    }
}
