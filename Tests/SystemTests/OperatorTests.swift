import Foundation
import HarborFleetTesting
import Postgres
import Testing

/// What server and commands say on a machine that is set up wrongly: each time a sentence that says what to do.
@Suite(.timeLimit(.minutes(2))) struct OperatorTests {
    private let grants = "To fix this, run: "

    // MARK: Variables

    @Test func variablesOfAKubernetesService_areIgnored_byServerAndCommands() async throws {
        let server = try await ServerProcess(environment: [
            "HARBOR_SERVICE_HOST": "10.0.0.1", "HARBOR_PORT": "tcp://10.0.0.1:8080",
            "HARBOR_PORT_8080_TCP_ADDR": "10.0.0.1", "HARBOR_HTTP_HOST": "127.0.0.1",
            "HARBOR_OPS_PORT": "tcp://10.0.0.1:8081", "HARBOR_LOG_LEVEL": "debug",
        ])
        let port = server.operationsPort
        try #"{"ops_port": \#(port)}"#.write(
            toFile: server.home.path + "/settings.json", atomically: false, encoding: .utf8)
        let config = ["--config", server.home.path + "/settings.json"]
        try await server.start(config)
        #expect(try await APIClient(port: port).get("/health").status == 200)
        let warnings = server.log.split(separator: "\n").filter {
            $0.contains("\"level\":\"warning\"") && $0.contains("is ignored: ")
        }
        #expect(warnings.count == 1 && warnings.first?.contains("HARBOR_OPS_PORT is ignored: ") == true)
        #expect(server.log.contains("HARBOR_SERVICE_HOST is ignored: Kubernetes made it for a Service"))

        let probe = try await server.run(["health"] + config)
        #expect(probe.exit == .code(0) && probe.standardError.contains("warning: HARBOR_OPS_PORT is ignored"))
        let list = try await server.run(["fleets", "list", "--json"] + config)
        #expect(list.exit == .code(0) && list.standardOutput == "[]\n")
    }

    @Test func emptyVariables_countAsUnset_alsoThoseOfLibpq() async throws {
        let server = try await ServerProcess(environment: [
            "PGSSLMODE": "", "PGCONNECT_TIMEOUT": "", "PGTZ": "", "PGSERVICE": "", "PGTARGETSESSIONATTRS": "",
            "DATABASE_DIRECT_URL": "", "DATABASE_URL_FILE": "", "HARBOR_SECRET_KEY": "",
            "HARBOR_LOG_LEVEL": "",
        ])
        try await server.start()
        #expect(try await server.run(["fleets", "add", "north"]).exit == .code(0))
    }

    @Test func idleConnection_endsAfterTheTimeThatIsSet_onBothListeners() async throws {
        let server = try await ServerProcess(environment: ["HARBOR_KEEP_ALIVE_S": "1"])
        try await server.start()
        for port in [server.publicPort, server.operationsPort] {
            let client = try RawClient(port: port)
            #expect(try await APIClient(port: port).get("/health", on: client).status == 200)
            let start = ContinuousClock.now
            #expect(try await client.untilEnd() == [])
            let idle = start.duration(to: .now)
            // The timer wheel rounds up, and a loaded machine is late.
            #expect(idle > .milliseconds(900) && idle < .seconds(30), "\(idle)")
        }
    }

    // MARK: The database

    @Test func commandInAnotherFolder_makesNoDatabase_andNamesTheOneItLooksFor() async throws {
        // Empty, so that the folder alone decides.
        let server = try await ServerProcess(
            database: .privatePostgres, environment: ["HARBOR_DATA_DIR": ""])
        let directory = server.home.dataDirectory
        let note =
            "using the private PostgreSQL in \(directory), since neither DATABASE_URL nor HARBOR_DATA_DIR is set"
        let commands = [
            ["fleets", "list"], ["fleets", "add", "north"], ["partners", "add", "acme", "--fleet", "north"],
            ["tokens", "list"], ["receipts"], ["vehicles", "remove", "a", "b"], ["migrate"],
            ["migrate", "--status"],
        ]
        for command in commands {
            let output = try await server.run(command)
            #expect(output.exit == .code(1) && output.standardOutput.isEmpty)
            #expect(output.standardError.hasPrefix(note + "\n"))
            #expect(output.standardError.contains("there is no private PostgreSQL in \(directory)."))
        }
        let url = try await server.run(["database", "url"])
        #expect(url.exit == .code(0) && url.standardOutput.hasPrefix("postgresql://"))
        #expect(url.standardError.contains("there is no private PostgreSQL"))
        #expect(!FileManager.default.fileExists(atPath: directory))

        let added = try await server.run(["fleets", "add", "north", "--init", "--json"])
        #expect(
            added.exit == .code(0) && added.standardOutput == #"{"fleet_id":"north","name":"north"}"# + "\n")
        let listed = try await server.run(["fleets", "list", "--json"])
        #expect(listed.standardOutput == #"[{"fleet_id":"north","name":"north"}]"# + "\n")
        #expect(listed.standardError == note + "\n")
    }

    @Test func command_printsNoNote_whenDATABASE_URLNamesTheDatabase() async throws {
        let server = try await ServerProcess()
        #expect(try await server.run(["migrate"]).exit == .code(0))
        #expect(try await server.run(["fleets", "list"]).standardError == "")
    }

    @Test func databaseInAnotherEncoding_isRefusedByServerAndCommands_withOneSentence() async throws {
        let database = try await TestPostgres.shared.makeDatabase(encoding: "LATIN1")
        let server = try await ServerProcess(database: .url(database.url))
        let sentence = "the database's encoding is LATIN1 and has to be UTF8"
        for command in [
            ["migrate"], ["migrate", "--status"], ["fleets", "add", "north"], ["fleets", "list"],
        ] {
            let output = try await server.run(command)
            #expect(output.exit == .code(1) && output.standardError.contains(sentence), "\(output)")
        }
        #expect(try await server.run(["migrate", "--status"]).standardOutput.contains("pending"))
        try server.launch()
        try await server.waitForCheck("migrations") { $0.detail.hasPrefix(sentence) }
        #expect(server.log.contains(sentence) && !server.log.contains("SQLSTATE"))
        #expect(await server.stop(SIGINT) == .code(0))
    }

    @Test func logReadinessAndCommands_nameTheGrantThatHelps_whenTheRoleHasNoRights() async throws {
        let owner = try await ServerProcess()
        let database = try await SuperuserSession(of: owner)
        let role = "app_" + UUID().uuidString.prefix(8).lowercased()
        try await database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE \(role) LOGIN")
        let url = try #require(owner.databaseURL).replacing("user=postgres", with: "user=\(role)")
        let server = try await ServerProcess(database: .url(url))
        let sentence = "permission denied for schema public (SQLSTATE 42501). \(grants)"
        let migrate = try await server.run(["migrate"])
        #expect(migrate.exit == .code(1) && migrate.standardError.contains(sentence), "\(migrate)")
        let added = try await server.run(["fleets", "add", "north"])
        #expect(added.exit == .code(1) && added.standardError.contains(sentence))

        let started = Task { try await server.start() }
        try await server.waitForCheck("migrations") { $0.detail.contains(sentence) }
        #expect(server.log.contains(sentence))
        let statement = try #require(migrate.standardError.split(separator: grants).last)
        try await database.execute(String(statement))
        try await started.value
    }
}
