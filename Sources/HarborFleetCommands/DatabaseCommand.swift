internal import ArgumentParser
internal import PrivatePostgres

/// `harbor-fleet database …`.
struct DatabaseCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Show where the database is.", subcommands: [URL.self])

    struct URL: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the database's URL, for example for psql. It may contain a password.")

        @OptionGroup var settings: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try await settings.load()
            let layout = ClusterLayout(root: configuration.dataDirectory)
            let choice = DatabaseChoice(configuration: configuration, mayMake: false)
            if let note = choice.note { StandardStreams.writeError(note) }
            if configuration.databaseURL == nil, !layout.isMade {
                StandardStreams.writeError("\(PrivatePostgresError.missing(directory: layout.root))")
            }
            let url = configuration.databaseURL?.value ?? layout.url
            try output.write(CommandOutput(text: url, ["url": .text(url)]))
        }
    }
}
