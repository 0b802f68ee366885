internal import ArgumentParser
internal import HarborFleetServer

/// Which database a command works on.
struct DatabaseOptions: ParsableArguments {
    @OptionGroup var settings: ConfigurationOptions

    @Flag(
        name: .customLong("init"),
        help: "Make the private PostgreSQL under HARBOR_DATA_DIR when it is not there; else that is an error."
    )
    var makesDatabase = false

    /// The settings, and whether a database may be made. Tells where it is when nothing named one.
    func load() async throws -> DatabaseChoice {
        let choice = DatabaseChoice(configuration: try await settings.load(), mayMake: makesDatabase)
        if let note = choice.note { StandardStreams.writeError(note) }
        return choice
    }
}

/// The database that a command works on.
struct DatabaseChoice: Sendable {
    let configuration: ServerConfiguration
    /// Whether the private PostgreSQL may be made. A command in a wrong folder would else find an empty database there,
    /// and what it adds would be missed by the server.
    let mayMake: Bool

    /// What the person at the terminal should know when nothing named a database: the folder alone decided.
    var note: String? {
        guard configuration.databaseURL == nil, !configuration.isDataDirectoryNamed else { return nil }
        return """
            using the private PostgreSQL in \(configuration.dataDirectory), since neither DATABASE_URL nor \
            HARBOR_DATA_DIR is set
            """
    }
}
