package import ArgumentParser
internal import HarborFleetServer

/// `harbor-fleet`: the root of all commands.
package struct RootCommand: CommandGroup {
    package static let configuration = CommandConfiguration(
        commandName: "harbor-fleet",
        abstract: "Live positions of vehicle fleets: a server, and the commands to run it.",
        discussion: """
            Settings come from HARBOR_… variables, then from Config/harbor-fleet.json, then from defaults. The \
            database is DATABASE_URL, else a private PostgreSQL under HARBOR_DATA_DIR. `serve` creates the private \
            PostgreSQL; other commands create it only with --init. A command starts it if it is not running. Results \
            go to standard output, everything else to standard error. Exit status: 0 success, 1 failure, 2 wrong usage.
            """,
        version: ServerVersion.text,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, FleetsCommand.self, VehiclesCommand.self,
            PartnersCommand.self, TokensCommand.self, ReceiptsCommand.self, DatabaseCommand.self,
            HealthCommand.self, SimulateCommand.self,
        ])

    package init() {}
}

/// A command that only contains other commands: calling it alone is wrong usage.
protocol CommandGroup: AsyncParsableCommand {}

extension CommandGroup {
    package func run() async throws {
        throw ValidationError("Name one of the subcommands; --help lists them.")
    }
}
