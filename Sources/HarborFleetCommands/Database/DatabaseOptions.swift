internal import ArgumentParser
internal import HarborFleetServer

/// Selects the database that a command works on.
struct DatabaseOptions: ParsableArguments {
    @OptionGroup var settings: ConfigurationOptions

    @Flag(
        name: .customLong("init"),
        help: "Create the private PostgreSQL under HARBOR_DATA_DIR if it is missing; else that is an error."
    )
    var makesDatabase = false

    /// The settings, and whether a database may be created. Prints a note when no setting named the database.
    func load() async throws -> DatabaseChoice {
        let choice = DatabaseChoice(configuration: try await settings.load(), mayMake: makesDatabase)
        if let note = choice.note { StandardStreams.writeError(note) }
        return choice
    }
}

/// The database that a command works on.
struct DatabaseChoice: Sendable {
    let configuration: ServerConfiguration
    /// Whether the private PostgreSQL may be created. Otherwise a command in a wrong folder would find an empty
    /// database there, and the server would never see what the command adds.
    let mayMake: Bool

    /// A note for the person at the terminal when no setting named a database, so that the folder alone decided.
    var note: String? {
        guard configuration.databaseURL == nil, !configuration.isDataDirectoryNamed else { return nil }
        return """
            using the private PostgreSQL in \(configuration.dataDirectory), since neither DATABASE_URL nor \
            HARBOR_DATA_DIR is set
            """
    }
}
