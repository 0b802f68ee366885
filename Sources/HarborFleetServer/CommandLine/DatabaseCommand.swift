internal import ArgumentParser

/// `harbor-fleet database …`.
struct DatabaseCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Tell where the database is.", subcommands: [URL.self])

    struct URL: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the database's URL, for psql and the like. It may hold a password.")

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try await settings.load()
            let layout = ClusterLayout(root: configuration.dataDirectory)
            try output.write(DatabaseURLAnswer(url: configuration.databaseURL?.value ?? layout.url))
        }
    }
}
