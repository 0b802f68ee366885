import HarborFleetTesting
import Testing

@testable import Postgres

/// A database must be able to hold all text. The migrator refuses another encoding before it creates anything.
@Suite(.timeLimit(.minutes(2))) struct EncodingTests {
    private let plain = Migration(number: 1, name: "one", sql: "CREATE TABLE one (a int)", checksum: "c1")
    private let marked = Migration(
        number: 2, name: "two", sql: "-- a…b\nCREATE TABLE two (a int)", checksum: "c2")
    private let later = Migration(number: 3, name: "three", sql: "SELECT 1", checksum: "c3")

    @Test(arguments: ["LATIN1", "SQL_ASCII", "WIN1252"])
    func newDatabase_isRefusedBeforeTheFirstMigration_inAnotherEncoding(encoding: String) async throws {
        let database = try await TestPostgres.shared.makeDatabase(encoding: encoding)
        let connection = try await database.connect()
        let migrator = Migrator([plain, marked])
        let error = await #expect(throws: MigrationError.encoding(encoding)) {
            try await migrator.apply(on: connection)
        }
        #expect(
            error?.description == """
                the database's encoding is \(encoding) and has to be UTF8; make another one and name it in DATABASE_URL: \
                CREATE DATABASE harbor_fleet ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
                """)
        #expect(error?.isPassing == false)
        let tables = try await connection.number(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        #expect(tables == 0)
        let overview = try await migrator.overview(on: connection)
        #expect(overview.problem == .encoding(encoding))
        #expect(overview.migrations.map(\.state) == [.pending, .pending])
        await connection.close()
    }

    private func plan(
        _ known: [Migration], applied: [Migration], encoding: String = "LATIN1"
    ) -> MigrationPlan {
        let records = applied.map {
            AppliedMigration(
                number: $0.number, name: $0.name, checksum: $0.checksum, appliedAtMilliseconds: 1,
                oldestBinary: $0.oldestBinary)
        }
        return MigrationPlan(known: known, applied: records, encoding: encoding)
    }

    /// Pending migrations must still be readable in that encoding.
    @Test func migratedDatabase_isAccepted_inAnotherEncoding() {
        #expect(plan([plain, marked], applied: [plain]).problem == .encoding("LATIN1"))
        #expect(plan([plain, marked], applied: [plain, marked]).problem == nil)
        let next = plan([plain, marked, later], applied: [plain, marked])
        #expect(next.problem == nil && next.pending == [later])
        #expect(plan([plain], applied: []).problem == .encoding("LATIN1"))
        #expect(plan([plain, marked], applied: [], encoding: "UTF8").problem == nil)
    }
}
