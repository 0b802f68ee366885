import HarborFleetTesting
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(2))) struct MigratorTests {
    private let first = Migration(number: 1, name: "one", sql: "CREATE TABLE one (a int)", checksum: "c1")
    private let second = Migration(
        number: 2, name: "two", sql: "CREATE TABLE two (a int); INSERT INTO two VALUES (1)", checksum: "c2")

    @Test func pendingMigrations_areAppliedInOrder_once() async throws {
        try await TestPostgres.withConnection { connection in
            let before = try await Migrator([first, second]).overview(on: connection)
            #expect(before.migrations.map(\.state) == [.pending, .pending])
            #expect(before.pending == 2 && before.problem == nil)
            #expect(try await Migrator([first]).apply(on: connection).migrations == [first])
            #expect(try await Migrator([second, first]).apply(on: connection).migrations == [second])
            #expect(try await Migrator([first, second]).apply(on: connection).migrations == [])
            let after = try await Migrator([first, second]).overview(on: connection)
            #expect(after.migrations.map(\.state) == [.applied, .applied])
            #expect(after.migrations.allSatisfy { $0.appliedAtMilliseconds != nil })
        }
    }

    @Test func failedMigration_isUndoneAsAWhole_andEarlierOnesStay() async throws {
        let broken = Migration(
            number: 2, name: "two", sql: "CREATE TABLE two (a int); SELECT 1 / 0", checksum: "c2")
        try await TestPostgres.withConnection { connection async throws in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first, broken]).apply(on: connection).migrations
            }
            #expect(error?.description.contains("0002_two") == true)
            #expect(try await connection.number("SELECT count(*) FROM schema_migrations") == 1)
            #expect(try await connection.number("SELECT (to_regclass('two') IS NULL)::int") == 1)
            #expect(try await Migrator([first, second]).apply(on: connection).migrations == [second])
        }
    }

    @Test func concurrentServers_applyEachMigrationOnce() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let migrator = Migrator([first, second])
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let connection = try await database.connect()
                    let count = try await migrator.apply(on: connection).migrations.count
                    await connection.close()
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 2)
    }

    @Test func dirtyMigration_isRefused() async throws {
        try await TestPostgres.withConnection { connection in
            _ = try await Migrator([first]).apply(on: connection).migrations
            try await connection.execute(script: "UPDATE schema_migrations SET applied_at = NULL")
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first]).apply(on: connection).migrations
            }
            #expect(error == .dirty(number: 1, name: "one"))
            let overview = try await Migrator([first]).overview(on: connection)
            #expect(overview.migrations.map(\.state) == [.dirty])
            #expect(overview.problem == error)
        }
    }

    @Test func editedMigration_isRefusedByItsName() async throws {
        let edited = Migration(number: 1, name: "one", sql: first.sql + ";", checksum: "other")
        try await TestPostgres.withConnection { connection in
            _ = try await Migrator([first]).apply(on: connection).migrations
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([edited, second]).apply(on: connection).migrations
            }
            #expect(error == .edited(number: 1, name: "one"))
            #expect(error?.description.contains("0001_one was edited") == true)
            let overview = try await Migrator([edited, second]).overview(on: connection)
            #expect(overview.migrations.map(\.state) == [.edited, .pending])
            #expect(try await connection.number("SELECT (to_regclass('two') IS NULL)::int") == 1)
        }
    }

    // MARK: Transactions

    @Test func migration_isRefused_whenItEndsItsTransaction() async throws {
        let ending = Migration(
            number: 1, name: "one", sql: "CREATE TABLE one (a int); COMMIT; CREATE TABLE two (a int)",
            checksum: "c1")
        try await TestPostgres.withConnection { connection async throws in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([ending]).apply(on: connection).migrations
            }
            #expect(error == .endedTransaction(number: 1, name: "one"))
            #expect(error?.isPassing == false)
            #expect(try await connection.number("SELECT count(*) FROM schema_migrations") == 0)
        }
    }

    @Test func summary_hasNoServerText() {
        let reason = PostgresError(
            .server(sqlState: "23505"), "refused", constraint: "of_acme", detail: "Key (a)=(5) is duplicated")
        let error = MigrationError.failed(number: 2, name: "two", reason)
        #expect(error.description.contains("(a)=(5)"))
        #expect(error.summary == "migration 0002_two failed and was rolled back: refused (SQLSTATE 23505)")
        let lost = PostgresError(
            .connection, "the connection was lost", detail: "server closed the connection to 10.0.0.5")
        #expect(
            MigrationError.failed(number: 2, name: "two", lost).summary
                == "migration 0002_two failed and was rolled back: the connection was lost")
        #expect(
            MigrationError.database(lost).summary
                == "the database could not be asked about its migrations: the connection was lost")
    }

    @Test func statementOutsideATransaction_isRefusedByTheServer() async throws {
        let concurrent = Migration(
            number: 2, name: "two", sql: "CREATE INDEX CONCURRENTLY one_a ON one (a)", checksum: "c2")
        try await TestPostgres.withConnection { connection in
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator([first, concurrent]).apply(on: connection).migrations
            }
            guard case .failed(2, "two", let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.sqlState == "25001")
        }
    }

    // MARK: Locks

    private func quick() -> MigratorConfiguration {
        var configuration = MigratorConfiguration()
        configuration.patience = .milliseconds(250)
        configuration.tableLockTimeout = .milliseconds(100)
        return configuration
    }

    @Test func anotherMigrator_isWaitedForBriefly_andOnlyWhenThereIsWork() async throws {
        let database = try await TestPostgres.shared.makeDatabase()
        let other = try await database.connect()
        let connection = try await database.connect()
        // The advisory lock of the migrator is "HFLTMIGR".
        _ = try await other.query("SELECT pg_advisory_lock($1)", [.int8(0x4846_4C54_4D49_4752)])
        let migrator = Migrator([first], configuration: quick())
        var waits = 0
        await #expect(throws: MigrationError.locked(waited: .milliseconds(250))) {
            try await migrator.apply(on: connection) { waits += 1 }
        }
        #expect(waits == 1)
        #expect(MigrationError.locked(waited: .zero).isPassing)
        _ = try await other.query("SELECT pg_advisory_unlock_all()")
        _ = try await migrator.apply(on: connection)
        _ = try await other.query("SELECT pg_advisory_lock($1)", [.int8(0x4846_4C54_4D49_4752)])
        #expect(try await migrator.apply(on: connection).migrations == [])
        await other.close()
        await connection.close()
    }

    @Test func tableInUse_isNotWaitedForLong_andTheMigrationMayBeTriedAgain() async throws {
        let altering = Migration(
            number: 2, name: "two", sql: "ALTER TABLE one ADD COLUMN b int", checksum: "c2")
        let database = try await TestPostgres.shared.makeDatabase()
        let reader = try await database.connect()
        let connection = try await database.connect()
        let migrator = Migrator([first, altering], configuration: quick())
        _ = try await Migrator([first]).apply(on: connection).migrations
        try await reader.execute(script: "BEGIN; SELECT * FROM one")
        let error = await #expect(throws: MigrationError.self) { try await migrator.apply(on: connection) }
        #expect(error?.isPassing == true)
        try await reader.execute(script: "COMMIT")
        #expect(try await migrator.apply(on: connection).migrations == [altering])
        await reader.close()
        await connection.close()
    }

    @Test func cancelledMigrator_leavesNoLock() async throws {
        let slow = Migration(number: 1, name: "one", sql: "SELECT pg_sleep(60)", checksum: "c1")
        let database = try await TestPostgres.shared.makeDatabase()
        let connection = try await database.connect()
        let other = try await database.connect()
        let migrating = Task { try await Migrator([slow]).apply(on: connection) }
        let sleeping = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        try await other.waitUntil("EXISTS (SELECT \(sleeping))")
        migrating.cancel()
        await #expect(throws: (any Error).self) { try await migrating.value }
        // The backend would notice the closed connection late, so it is terminated.
        _ = try await other.query("SELECT pg_terminate_backend(pid) \(sleeping)")
        #expect(try await Migrator([first]).apply(on: other).migrations == [first])
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        await other.close()
    }

    private func record(_ migration: Migration) -> AppliedMigration {
        AppliedMigration(
            number: migration.number, name: migration.name, checksum: migration.checksum,
            appliedAtMilliseconds: 1, oldestBinary: migration.oldestBinary)
    }

    private func problem(known: [Migration], applied: [AppliedMigration]) -> MigrationError? {
        MigrationPlan(known: known, applied: applied).problem
    }

    @Test func gap_isRefused_inTheDatabaseAndInTheFiles() {
        let plan = MigrationPlan(known: [first, second], applied: [record(second)])
        #expect(plan.problem == .gap(number: 1, name: "one"))
        #expect(plan.status.map(\.state) == [.missing, .applied])
        #expect(plan.pending == [])
        #expect(
            problem(known: [second], applied: []) == .misnumbered(number: 2, name: "two", expected: 1))
    }

    @Test func newerMigration_isRefused_unlessItAllowsThisBinary() {
        let refused = MigrationPlan(known: [first], applied: [record(first), record(second)])
        #expect(refused.problem == .unknown(number: 2, name: "two"))
        #expect(refused.status.map(\.state) == [.applied, .unknown])
        let gentle = Migration(number: 2, name: "two", sql: "-- oldest-binary: 1\nSELECT 1", checksum: "c")
        let plan = MigrationPlan(known: [first], applied: [record(first), record(gentle)])
        #expect(plan.problem == nil && plan.pending == [])
        #expect(plan.status.map(\.state) == [.applied, .newer])
    }

    @Test func rowOfANewerMigration_decidesByItsOldestBinary() async throws {
        let third = Migration(number: 3, name: "three", sql: "-- oldest-binary: 2\nSELECT 1", checksum: "c3")
        try await TestPostgres.withConnection { connection in
            _ = try await Migrator([first, second, third]).apply(on: connection).migrations
            let neighbour = try await Migrator([first, second]).overview(on: connection)
            #expect(neighbour.problem == nil)
            #expect(neighbour.migrations.map(\.state) == [.applied, .applied, .newer])
            await #expect(throws: MigrationError.unknown(number: 2, name: "two")) {
                try await Migrator([first]).apply(on: connection).migrations
            }
        }
    }

    @Test func oldestBinary_isReadFromItsOneLine() {
        #expect(Migration.oldestBinary(in: "-- what\n-- oldest-binary: 12\nSELECT 1") == 12)
        for sql in [
            "SELECT 1", "-- oldest-binary:", "-- oldest-binary: x", "SELECT '-- oldest-binary: 1'",
            "-- oldest-binary: 1\n-- oldest-binary: 2",
        ] {
            #expect(Migration.oldestBinary(in: sql) == nil)
        }
        #expect(second.oldestBinary == 2)
    }

    @Test func fileName_givesNumberAndName() {
        #expect(Migration.parts(fileName: "0001_initial.sql")?.number == 1)
        #expect(Migration.parts(fileName: "0001_initial.sql")?.name == "initial")
        for name in ["1_initial.sql", "0001initial.sql", "0001_.sql", "0001_initial.txt", "x001_a.sql"] {
            #expect(Migration.parts(fileName: name) == nil)
        }
    }
}
