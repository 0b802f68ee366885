import HarborFleetServer
import HarborFleetTesting
import Testing

@testable import HarborFleetCommands

@Suite(.timeLimit(.minutes(1))) struct ProgramTests {
    private func exitStatus(_ arguments: [String]) async -> Int32 {
        do {
            _ = try await RootCommand.asyncParseAsRoot(arguments)
            return 0
        } catch {
            return Program.exitStatus(of: error)
        }
    }

    @Test(arguments: [
        ["nonsense"], ["fleets", "add"], ["fleets", "add", "not an id"],
        ["tokens", "add", "t", "--role", "king"],
        ["tokens", "add", "t", "--role", "admin", "--expires-days", "0"], ["tokens", "add", "t"],
        ["partners", "add", "p"], ["partners", "rotate", "p", "--overlap", "-1"],
        ["partners", "set", "p"], ["partners", "set", "p", "--fixes-per-second", "-1"],
        ["partners", "set", "p", "--fixes-per-second", "1.5"],
        ["partners", "set", "p", "--requests-per-second", "1000001"],
        ["partners", "set", "p", "--requests-per-second", "all"],
        ["partners", "set", "--fixes-per-second", "1"],
        ["serve", "--nonsense"], ["fleet", "list"], ["migrate", "--status", "--init"], ["serve", "--init"],
        ["vehicles", "remove", "f"], ["migrate", "now"], ["health", "--json=1"],
        ["receipts", "--since", "yesterday"], ["receipts", "--limit", "0"],
        ["receipts", "--fleet", "no fleet"],
    ])
    func wrongUsage_endsWith2(arguments: [String]) async {
        #expect(await exitStatus(arguments) == 2)
    }

    @Test(arguments: [
        ["--help"], ["--version"], ["serve", "--help"], ["serve", "--demo", "--config", "x.json"],
        ["migrate", "--status", "--json"], ["migrate", "--init"], ["fleets", "list", "--init"],
        ["fleets", "add", "north", "--name", "North"], ["fleets", "list"],
        ["fleets", "remove", "north"], ["vehicles", "remove", "north", "van-7"],
        ["partners", "add", "p", "--fleet", "a", "--fleet", "b"], ["partners", "list", "--json"],
        ["partners", "rotate", "p", "--overlap", "1.5"],
        ["partners", "set", "p", "--fixes-per-second", "1000000", "--requests-per-second", "none"],
        ["partners", "set", "p", "--requests-per-second", "0", "--json"], ["partners", "revoke", "p"],
        ["partners", "set", "p", "--require-fleet-id"], ["partners", "set", "p", "--no-require-fleet-id"],
        ["tokens", "add", "t", "--role", "viewer", "--fleet", "a", "--expires-days", "30"],
        ["tokens", "list"],
        ["tokens", "revoke", "t"], ["receipts", "--json"],
        [
            "receipts", "--fleet", "f", "--partner", "p", "--since", "2026-11-20T17:00:00+01:00", "--limit",
            "9",
        ],
        ["database", "url"], ["health"], ["simulate", "--help"],
    ])
    func rightUsage_isAccepted(arguments: [String]) async {
        #expect(await exitStatus(arguments) == 0)
    }

    @Test(arguments: [
        (["fleet", "list"], "'fleet' is no command of harbor-fleet. Did you mean 'fleets'?"),
        (["fleets", "lst"], "'lst' is no command of harbor-fleet fleets. Did you mean 'list'?"),
        (["sreve", "--demo"], "'sreve' is no command of harbor-fleet. Did you mean 'serve'?"),
        (["part", "add", "acme"], "'part' is no command of harbor-fleet. Did you mean 'partners'?"),
        (
            ["tokens", "ad", "desk", "--role", "viewer"],
            "'ad' is no command of harbor-fleet tokens. Did you mean 'add'?"
        ),
        (
            ["vehicles", "delete", "n", "v"],
            "'delete' is no command of harbor-fleet vehicles. Its commands: remove."
        ),
        (["database", "ulr"], "'ulr' is no command of harbor-fleet database. Did you mean 'url'?"),
    ])
    func unknownCommand_suggestsTheNearestOne(arguments: [String], expected: String) throws {
        let unknown = try #require(UnknownCommand(in: arguments))
        #expect(unknown.description.hasPrefix(expected + "\n  See '\(unknown.group) --help'"))
        #expect(Program.exitStatus(of: unknown) == 2)
    }

    @Test(arguments: [
        [], ["--help"], ["help", "fleets"], ["fleets", "list"], ["fleets", "add", "lst"],
        ["fleets", "--help"],
        ["migrate", "now"], ["--nonsense", "fleet"],
    ])
    func otherMistakes_areLeftToTheParser(arguments: [String]) {
        #expect(UnknownCommand(in: arguments) == nil)
    }

    @Test func failedCommand_endsWith1() {
        #expect(Program.exitStatus(of: CommandFailure("the database cannot be reached")) == 1)
        #expect(Program.exitStatus(of: ConfigurationError.unknownVariable("HARBOR_X")) == 1)
    }

    @Test func group_isWrongUsage_withoutACommand() async throws {
        let error = await #expect(throws: (any Error).self) { try await RootCommand().run() }
        #expect(Program.exitStatus(of: try #require(error)) == 2)
    }

    @Test func health_asksTheLoopbackAddress_whenTheListenerIsOnAllAddresses() {
        #expect(HealthCommand.reachable("0.0.0.0") == "127.0.0.1")
        #expect(HealthCommand.reachable("::") == "::1")
        #expect(HealthCommand.reachable("192.0.2.1") == "192.0.2.1")
    }

    @Test func health_reportsTheStatusOrTheFailure() throws {
        let server = try ScriptedServer([.answer(status: 200), .answer(status: 503), .hangUp])
        defer { server.stop() }
        #expect(try HealthProbe.status(host: "127.0.0.1", port: server.port) == 200)
        #expect(try HealthProbe.status(host: "127.0.0.1", port: server.port) == 503)
        #expect(throws: CommandFailure.self) {
            try HealthProbe.status(host: "127.0.0.1", port: server.port)
        }
        #expect(throws: CommandFailure.self) { try HealthProbe.status(host: "::1", port: 1) }
    }
}
