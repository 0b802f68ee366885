import Foundation
import HarborFleetTesting
import Testing

/// The schema of a real server's database: who makes it, and what the server does when it is not the expected one.
@Suite(.timeLimit(.minutes(2))) struct SchemaTests {
    private struct Migration: Decodable, Equatable {
        let number: Int
        let name: String
        let state: String
        let appliedAt: String?

        enum CodingKeys: String, CodingKey {
            case number, name, state
            case appliedAt = "applied_at"
        }
    }

    @Test func serversThatStartTogether_makeOneSchemaAndOneSetOfPartitions() async throws {
        let first = try await ServerProcess()
        let second = try await ServerProcess(database: .url(try #require(first.databaseURL)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in [first, second] { group.addTask { try await server.start() } }
            try await group.waitForAll()
        }
        let database = try await SuperuserSession(of: first)
        let rows = try await database.query("SELECT number FROM schema_migrations ORDER BY 1")
        #expect(try rows.map { try $0.int64(0) } == Array(1...Int64(rows.count)))
        #expect(try await database.number("SELECT count(*) FROM pg_inherits") >= 98)
        let made = (first.log + second.log).components(separatedBy: "\"partitions created\"").count - 1
        #expect(made == 1)
        #expect(!(first.log + second.log).contains("\"level\":\"error\""))
        for server in [first, second] {
            #expect(await server.stop(SIGINT) == .code(0))
        }
    }

    @Test func serverThatMayNotMigrate_isNotReady_untilACommandMigrates() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        let database = try await SuperuserSession(of: server)
        let started = Task { try await server.start() }
        try await server.waitForCheck("migrations", within: .seconds(60)) {
            $0.detail.hasSuffix("pending; run harbor-fleet migrate")
        }
        #expect(try await server.check("database")?.status == "ok")
        #expect(try await !server.isReady())

        let before = try await server.json([Migration].self, from: ["migrate", "--status"])
        #expect(before.allSatisfy { $0.state == "pending" && $0.appliedAt == nil })
        let migrate = try await server.run(["migrate"])
        #expect(migrate.exit == .code(0))
        #expect(migrate.standardOutput.isEmpty && migrate.standardError.contains("applied 0001_initial"))
        try await started.value
        #expect(try await server.check("partitions")?.status == "ok")
        let table = try await server.run(["migrate", "--status"])
        #expect(table.standardOutput.hasPrefix("NUMBER  NAME"))
        #expect(table.standardOutput.contains("applied"))
        #expect(try await database.number("SELECT count(*) FROM fixes") == 0)
    }

    @Test(arguments: ["true", "false"])
    func command_migratesNothing_andSaysWhatToRun_whenMigrationsArePending(mayMigrate: String) async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": mayMigrate])
        let database = try await SuperuserSession(of: server)
        let commands = [
            ["tokens", "list"], ["partners", "list"], ["receipts"], ["vehicles", "remove", "north", "van-7"],
        ]
        let additions = [["fleets", "add", "north"], ["partners", "add", "acme", "--fleet", "north"]]
        for command in mayMigrate == "true" ? commands : commands + additions {
            let output = try await server.run(command)
            #expect(output.exit == .code(1) && output.standardOutput.isEmpty)
            #expect(output.standardError.contains(" migrations are pending: run harbor-fleet migrate"))
        }
        let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        #expect(try await database.number(tables) == 0)

        #expect(try await server.run(["migrate"]).exit == .code(0))
        #expect(try await server.run(["fleets", "add", "north"]).exit == .code(0))
        try await database.execute(
            "DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
        let behind = try await server.run(["fleets", "list"])
        #expect(behind.exit == .code(1) && behind.standardOutput.isEmpty)
        #expect(behind.standardError.contains("schema is not current, 1 migration is pending"))
    }

    @Test func commandsThatAdd_makeTablesAndKey_onAnEmptyDatabase() async throws {
        let server = try await ServerProcess()
        #expect(try await server.run(["fleets", "add", "north"]).exit == .code(0))
        let client = try await server.partner(of: "north")
        try await server.start()
        #expect(try await client.post(fixes: fix(), to: "north").status == 202)
    }

    @Test func command_waitsForAServerThatMigrates() async throws {
        let server = try await ServerProcess()
        let database = try await SuperuserSession(of: server)
        // The migration fails until this table is gone.
        try await database.execute("CREATE TABLE receipts (a int)")
        let started = Task { try await server.start() }
        try await server.waitForCheck("migrations", within: .seconds(60)) { $0.detail.contains("failed") }
        let listed = Task { try await server.run(["fleets", "list"]) }
        try await database.execute("DROP TABLE receipts")
        #expect(try await listed.value.exit == .code(0))
        try await started.value
    }

    @Test func commandWithInit_makesThePrivatePostgresWithItsTables() async throws {
        let server = try await ServerProcess(database: .privatePostgres)
        #expect(try await server.run(["fleets", "add", "north", "--init"]).exit == .code(0))
        let client = try await server.partner(of: "north")
        try await server.start()
        #expect(try await client.post(fixes: fix(), to: "north").status == 202)
    }

    @Test func editedMigration_isRefusedByServerAndCommands_untilItIsRestored() async throws {
        let server = try await ServerProcess()
        #expect(try await server.run(["migrate"]).exit == .code(0))
        let database = try await SuperuserSession(of: server)
        try await database.execute("UPDATE schema_migrations SET checksum = 'x' || checksum")
        let started = Task { try await server.start() }
        try await server.waitForCheck("migrations", within: .seconds(60)) {
            $0.detail.contains("0001_initial was edited")
        }
        for command in [["migrate"], ["migrate", "--status"], ["fleets", "list"]] {
            let output = try await server.run(command)
            #expect(output.exit == .code(1))
            #expect(output.standardError.contains("0001_initial was edited after it was applied"))
            #expect(
                output.standardOutput.contains("edited") == (command.count == 2 && command[0] == "migrate"))
        }
        #expect(server.log.contains("0001_initial was edited"))

        try await database.execute("UPDATE schema_migrations SET checksum = substr(checksum, 2)")
        try await started.value
        #expect(server.log.contains("the schema is current"))
    }

    @Test func migrationThatFails_isRolledBack_reported_andTriedAgain() async throws {
        let server = try await ServerProcess()
        let database = try await SuperuserSession(of: server)
        // Makes the first migration fail in the middle.
        try await database.execute("CREATE TABLE receipts (a int)")
        let started = Task { try await server.start() }
        try await server.waitForCheck("migrations", within: .seconds(60)) { check in
            check.detail
                == "migration 0001_initial failed and was rolled back: relation \"receipts\" already exists (SQLSTATE 42P07)"
        }
        #expect(try await database.number("SELECT (to_regclass('fleets') IS NULL)::int::bigint") == 1)
        #expect(
            try await server.run(["migrate"]).standardError.contains("relation \"receipts\" already exists"))
        try await database.execute("DROP TABLE receipts")
        try await started.value
    }

    @Test func newerMigration_isAccepted_unlessItsRowNamesANewerBinary() async throws {
        let server = try await ServerProcess()
        try await server.start()
        try await server.addFleet("north")
        let client = try await server.partner(of: "north")
        let database = try await SuperuserSession(of: server)
        let insert = "INSERT INTO schema_migrations VALUES (9000, 'later', 'c', now()"
        try await database.execute("\(insert), 1)")
        let rows = try await server.json([Migration].self, from: ["migrate", "--status"])
        #expect(rows.last?.state == "newer" && rows.last?.number == 9000)

        try await database.execute("UPDATE schema_migrations SET oldest_binary = 9000 WHERE number = 9000")
        try await server.waitUntilNotReady()
        let check = try await server.check("migrations")
        #expect(
            check?.detail.contains("9000_later, which this binary does not know; run a newer binary") == true)
        #expect(try await client.post(fixes: fix(), to: "north").status == 503)
        #expect(try await server.run(["fleets", "list"]).exit == .code(1))
        #expect(server.isRunning)

        try await database.execute("DELETE FROM schema_migrations WHERE number = 9000")
        try await server.waitUntilReady(within: .seconds(60))
        try await client.waitForPost(202)
    }

    @Test func postForADayWithoutPartition_isRefusedWith503_andTheServerMakesThePartition() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "2"])
        try await server.start()
        try await server.addFleet("north")
        let client = try await server.partner(of: "north")
        let database = try await SuperuserSession(of: server)
        let day = Date().formatted(.iso8601.year().month().day()).replacing("-", with: "")
        try await database.execute("DROP TABLE fixes_\(day)")
        let refused = try await client.post(fixes: fix(), to: "north")
        #expect(refused.status == 503)
        #expect(refused.text.contains("Storage for that date is still being created"))
        #expect(refused["retry-after"] != nil)
        try await client.waitForPost(202)
        // The table accepts fixes a moment before the keeper counts what it did. Metrics announce no change.
        try await APIClient(port: server.operationsPort).waitForMetrics { metrics in
            [
                "harbor_partitions 10.0", "harbor_partitions_made_total 11.0",
                "harbor_partitions_missing 0.0",
            ].allSatisfy { metrics.contains(Substring($0)) }
        }
    }

    @Test func shorterRetention_dropsPartitions_onceNoServerKeepsFixesForLonger_andALongerOneMakesThem()
        async throws
    {
        let first = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "20"])
        try await first.start()
        let database = try await SuperuserSession(of: first)
        let count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'fixes'::regclass"
        #expect(try await database.number(count) == 28)
        // A killed server does not withdraw its retention.
        await first.stop(SIGKILL)
        let forget = "UPDATE retentions SET seen_at = seen_at - interval '4 days'"
        // In the first hour of a day the partition that has just left the retention stays.
        let secondOfDay = Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
        let letBe: Int64 = secondOfDay < 3_600 ? 1 : 0
        let steps = [
            ("SELECT", "3", 28), (forget, "3", 11 + letBe), ("SELECT", "5", 13),
            ("SELECT", "3", 11 + letBe),
        ]
        for (change, days, wanted) in steps {
            try await database.execute(change)
            let server = try await ServerProcess(
                database: .url(try #require(first.databaseURL)), environment: ["HARBOR_RETENTION_DAYS": days])
            try await server.start()
            // The metric appears at the end of the first run. No line of the log says that a run had nothing to do.
            try await APIClient(port: server.operationsPort).waitForMetrics { metrics in
                metrics.contains { $0.hasPrefix("harbor_partitions_last_success_timestamp_seconds ") }
            }
            #expect(try await database.number(count) == wanted)
            await server.stop(SIGINT)
        }
    }

    /// The role of `DATABASE_URL` owns nothing and may not create anything.
    @Test func migrationsAndPartitions_areMadeThroughTheDirectURL() async throws {
        let owner = try await ServerProcess()
        let url = try #require(owner.databaseURL)
        let database = try await SuperuserSession(of: owner)
        let role = "app_" + UUID().uuidString.prefix(8).lowercased()
        try await database.execute(
            """
            CREATE ROLE \(role) LOGIN;
            ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(role);
            """)
        let server = try await ServerProcess(
            database: .url(url.replacing("user=postgres", with: "user=\(role)")),
            environment: ["DATABASE_DIRECT_URL": url])
        try await server.start()
        try await server.addFleet("north")
        let client = try await server.partner(of: "north")
        #expect(try await client.post(fixes: fix(), to: "north").status == 202)
        let owned = "SELECT count(*) FROM pg_class WHERE relowner = '\(role)'::regrole"
        #expect(try await database.number(owned) == 0)
        #expect(try await database.number("SELECT count(*) FROM pg_inherits") >= 98)
    }

    private func fix() -> String {
        let time = Date().formatted(.iso8601)
        return #"{"fixes":[{"vehicle_id":"van-7","recorded_at":"\#(time)","lat":53.5,"lng":10}]}"#
    }
}
