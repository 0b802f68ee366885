import HarborFleetTesting
import Testing

@testable import Postgres

struct MigratorTests {
    private let first = Migration(number: 1, name: "one", sql: "CREATE TABLE one (a int)", checksum: "c1")
    private let second = Migration(
        number: 2, name: "two", sql: "CREATE TABLE two (a int); INSERT INTO two VALUES (1)", checksum: "c2")

    private func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let connection = try await PostgresConnection.open(
            database.configuration, on: database.loop, logger: database.logger)
        do {
            try await body(connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    @Test func pending_areAppliedInOrder_once() async throws {
        try await withConnection { connection in
            let before = try await Migrator([first, second]).status(on: connection)
            #expect(before.map(\.state) == [.pending, .pending])
            let outcome1 = try await Migrator([first]).apply(on: connection)
            #expect(outcome1 == [first])
            let outcome2 = try await Migrator([second, first]).apply(on: connection)
            #expect(outcome2 == [second])
            let outcome3 = try await Migrator([first, second]).apply(on: connection)
            #expect(outcome3 == [])
            let after = try await Migrator([first, second]).status(on: connection)
            #expect(after.map(\.state) == [.applied, .applied])
            #expect(after.allSatisfy { $0.appliedAtMilliseconds != nil })
        }
    }

    @Test func aMigrationThatFails_isUndoneAsAWhole_andThoseBeforeItStay() async throws {
        let broken = Migration(
            number: 2, name: "two", sql: "CREATE TABLE two (a int); SELECT 1 / 0", checksum: "c2")
        try await withConnection { connection in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first, broken]).apply(on: connection)
            }
            #expect(error?.description.contains("0002_two") == true)
            let outcome4 = try await connection.number("SELECT count(*) FROM schema_migrations")
            #expect(outcome4 == 1)
            let outcome5 = try await connection.number("SELECT (to_regclass('two') IS NULL)::int")
            #expect(outcome5 == 1)
            let outcome6 = try await Migrator([first, second]).apply(on: connection)
            #expect(outcome6 == [second])
        }
    }

    @Test func serversThatStartTogether_applyEachMigrationOnce() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let migrator = Migrator([first, second])
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let connection = try await PostgresConnection.open(
                        database.configuration, on: database.loop, logger: database.logger)
                    let count = try await migrator.apply(on: connection).count
                    await connection.close()
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 2)
    }

    @Test func aDirtyMigration_isRefused() async throws {
        try await withConnection { connection in
            _ = try await Migrator([first]).apply(on: connection)
            try await connection.execute(script: "UPDATE schema_migrations SET applied_at = NULL")
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first]).apply(on: connection)
            }
            #expect(error == .dirty(number: 1, name: "one"))
        }
    }

    private func record(_ migration: Migration) -> AppliedMigration {
        AppliedMigration(
            number: migration.number, name: migration.name, checksum: migration.checksum,
            appliedAtMilliseconds: 1, oldestBinary: migration.oldestBinary)
    }

    @Test func anEditedMigration_isRefused() {
        var edited = record(first)
        edited.checksum = "other"
        #expect(throws: MigrationError.edited(number: 1, name: "one")) {
            try MigrationPlan(known: [first], applied: [edited])
        }
    }

    @Test func aGap_isRefused_inTheDatabaseAndInOurFiles() {
        #expect(throws: MigrationError.gap(number: 1, name: "one")) {
            try MigrationPlan(known: [first, second], applied: [record(second)])
        }
        #expect(throws: MigrationError.misnumbered(number: 2, name: "two", expected: 1)) {
            try MigrationPlan(known: [second], applied: [])
        }
    }

    @Test func aNewerMigration_isRefused_unlessItCanLiveWithThisBinary() throws {
        #expect(throws: MigrationError.unknown(number: 2, name: "two")) {
            try MigrationPlan(known: [first], applied: [record(first), record(second)])
        }
        let gentle = Migration(number: 2, name: "two", sql: "-- oldest-binary: 1\nSELECT 1", checksum: "c")
        let plan = try MigrationPlan(known: [first], applied: [record(first), record(gentle)])
        #expect(plan.pending == [])
        #expect(plan.status.map(\.state) == [.applied, .newer])
    }

    @Test func fileNames_areTakenApart() {
        #expect(Migration.parts(fileName: "0001_initial.sql")?.number == 1)
        #expect(Migration.parts(fileName: "0001_initial.sql")?.name == "initial")
        for name in ["1_initial.sql", "0001initial.sql", "0001_.sql", "0001_initial.txt", "x001_a.sql"] {
            #expect(Migration.parts(fileName: name) == nil)
        }
    }
}
