package import ArgumentParser
internal import HarborFleetServer

/// `harbor-fleet`: all that can be done from a shell.
package struct RootCommand: CommandGroup {
    package static let configuration = CommandConfiguration(
        commandName: "harbor-fleet",
        abstract: "Live positions of vehicle fleets: a server, and the commands to run it.",
        discussion: """
            Settings come from HARBOR_… variables, then from Config/harbor-fleet.json, then from defaults. The \
            database is DATABASE_URL, else a private PostgreSQL under HARBOR_DATA_DIR. `serve` makes it; other \
            commands make it only with --init. A command starts it when it does not run. What is asked for is \
            written to standard output, all else to standard error. Exit status: 0 fine, 1 failed, 2 wrong usage.
            """,
        version: ServerVersion.text,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, FleetsCommand.self, VehiclesCommand.self,
            PartnersCommand.self, TokensCommand.self, ReceiptsCommand.self, DatabaseCommand.self,
            HealthCommand.self, SimulateCommand.self,
        ])

    package init() {}
}

/// A command that only holds others: to name none of them is wrong usage.
protocol CommandGroup: AsyncParsableCommand {}

extension CommandGroup {
    package func run() async throws {
        throw ValidationError("Name one of the subcommands; --help lists them.")
    }
}
