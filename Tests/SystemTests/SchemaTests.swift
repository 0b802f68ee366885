import Foundation
import HarborFleetTesting
import Testing

/// The schema of a real server's database: who makes it, and what the server does when it is not as it should be.
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

    @Test func serversThatStartAtOnce_makeOneSchema_andOneSetOfPartitions() async throws {
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

    @Test func aServerThatMayNotMigrate_waits_untilSomebodyElseDoes() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_MIGRATE": "false"])
        let database = try await SuperuserSession(of: server)
        let started = Task { try await server.start() }
        try await waitUntil(within: .seconds(60)) {
            try await server.check("migrations")?.detail.hasSuffix("pending; run harbor-fleet migrate")
                == true
        }
        #expect(try await server.check("database")?.status == "ok")
        #expect(try await !server.isReady())

        let before = try await server.answer([Migration].self, to: ["migrate", "--status"])
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
    func aCommand_neverMigrates_andSaysWhatToRun(mayMigrate: String) async throws {
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

    @Test func anEmptyDatabase_getsItsTablesAndAKey_fromCommandsThatAdd_beforeTheFirstStart() async throws {
        let server = try await ServerProcess()
        #expect(try await server.run(["fleets", "add", "north"]).exit == .code(0))
        let client = try await server.partner(of: "north")
        try await server.start()
        #expect(try await client.post(fixes: fix(), to: "north").status == 202)
    }

    @Test func aCommand_waitsForAServerThatMigrates() async throws {
        let server = try await ServerProcess()
        let database = try await SuperuserSession(of: server)
        // In the server's way until somebody takes it out.
        try await database.execute("CREATE TABLE receipts (a int)")
        let started = Task { try await server.start() }
        try await waitUntil(within: .seconds(60)) {
            try await server.check("migrations")?.detail.contains("failed") == true
        }
        let listed = Task { try await server.run(["fleets", "list"]) }
        try await database.execute("DROP TABLE receipts")
        #expect(try await listed.value.exit == .code(0))
        try await started.value
    }

    @Test func thePrivatePostgreSQL_isMadeWithItsTables_byACommandThatIsTold() async throws {
        let server = try await ServerProcess(database: .privatePostgres)
        #expect(try await server.run(["fleets", "add", "north", "--init"]).exit == .code(0))
        let client = try await server.partner(of: "north")
        try await server.start()
        #expect(try await client.post(fixes: fix(), to: "north").status == 202)
    }

    @Test func anEditedMigration_isRefused_toldEverywhere_andTheServerGoesOnOnceItIsMended() async throws {
        let server = try await ServerProcess()
        #expect(try await server.run(["migrate"]).exit == .code(0))
        let database = try await SuperuserSession(of: server)
        try await database.execute("UPDATE schema_migrations SET checksum = 'x' || checksum")
        let started = Task { try await server.start() }
        try await waitUntil(within: .seconds(60)) {
            try await server.check("migrations")?.detail.contains("0001_initial was edited") == true
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

    @Test func aMigrationThatFails_leavesNothing_isTold_andIsTriedAgain() async throws {
        let server = try await ServerProcess()
        let database = try await SuperuserSession(of: server)
        // In the way of the middle of the first migration.
        try await database.execute("CREATE TABLE receipts (a int)")
        let started = Task { try await server.start() }
        try await waitUntil(within: .seconds(60)) {
            let detail = try await server.check("migrations")?.detail
            return detail
                == "migration 0001_initial failed and was rolled back: relation \"receipts\" already exists (SQLSTATE 42P07)"
        }
        #expect(try await database.number("SELECT (to_regclass('fleets') IS NULL)::int::bigint") == 1)
        #expect(
            try await server.run(["migrate"]).standardError.contains("relation \"receipts\" already exists"))
        try await database.execute("DROP TABLE receipts")
        try await started.value
    }

    @Test func aNewerMigration_isLivedWith_orEndsTheWork_asItsRowSays() async throws {
        let server = try await ServerProcess()
        try await server.start()
        try await server.addFleet("north")
        let client = try await server.partner(of: "north")
        let database = try await SuperuserSession(of: server)
        let insert = "INSERT INTO schema_migrations VALUES (9000, 'later', 'c', now()"
        try await database.execute("\(insert), 1)")
        let rows = try await server.answer([Migration].self, to: ["migrate", "--status"])
        #expect(rows.last?.state == "newer" && rows.last?.number == 9000)

        try await database.execute("UPDATE schema_migrations SET oldest_binary = 9000 WHERE number = 9000")
        try await waitUntil(within: .seconds(30)) { try await !server.isReady() }
        let check = try await server.check("migrations")
        #expect(
            check?.detail.contains("9000_later, which this binary does not know; run a newer binary") == true)
        #expect(try await client.post(fixes: fix(), to: "north").status == 503)
        #expect(try await server.run(["fleets", "list"]).exit == .code(1))
        #expect(server.isRunning)

        try await database.execute("DELETE FROM schema_migrations WHERE number = 9000")
        try await waitUntil(within: .seconds(60)) { try await server.isReady() }
        try await waitUntil { try await client.post(fixes: fix(), to: "north").status == 202 }
    }

    @Test func aDayWithoutPartition_answers503_andGetsOne() async throws {
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
        try await waitUntil { try await client.post(fixes: fix(), to: "north").status == 202 }
        // The table takes fixes a moment before the keeper has told what it did.
        let told = try await eventually {
            let metrics = try await APIClient(port: server.operationsPort).get("/metrics").text
            return metrics.contains("harbor_partitions 10.0\n")
                && metrics.contains("harbor_partitions_made_total 11.0\n")
                && metrics.contains("harbor_partitions_missing 0.0\n")
        }
        #expect(told)
    }

    @Test func aShorterRetention_dropsWhatHasExpired_onceNobodyWantsMore_andALongerOneMakesItAgain()
        async throws
    {
        let first = try await ServerProcess(environment: ["HARBOR_RETENTION_DAYS": "20"])
        try await first.start()
        let database = try await SuperuserSession(of: first)
        let count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'fixes'::regclass"
        #expect(try await database.number(count) == 28)
        // It cannot say any more that it is gone for good.
        await first.stop(SIGKILL)
        let forget = "UPDATE retentions SET seen_at = seen_at - interval '4 days'"
        // In the first hour of a day the one that has just left the retention is let be.
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
            try await waitUntil {
                let metrics = try await APIClient(port: server.operationsPort).get("/metrics").text
                let found = try await database.number(count)
                return metrics.contains("harbor_partitions_last_success_timestamp_seconds ")
                    && found == wanted
            }
            await server.stop(SIGINT)
        }
    }

    /// The role behind `DATABASE_URL` owns nothing and may not make anything.
    @Test func migrationsAndPartitions_areMadeOverTheDirectURL() async throws {
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
