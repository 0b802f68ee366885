internal import ArgumentParser
internal import HarborFleetStorage
internal import Postgres

/// `harbor-fleet migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply pending migrations, or list all of them.")

    @Flag(help: "List the migrations and change nothing.")
    var status = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !status || !database.makesDatabase else {
            throw ValidationError("--status changes nothing, and --init makes a database: give one of them.")
        }
    }

    func run() async throws {
        let choice = try await database.load()
        if let note = choice.note { StandardStreams.writeError(note) }
        if status { return try await list(choice) }
        let applied = try await DatabaseSession.open(choice, direct: true) { pool in
            try await pool.withConnection { connection in
                try await StorageMigrations.migrator.apply(on: connection) {
                    StandardStreams.writeError("another migrator is at work: waiting for it")
                }
            }
        }
        if output.json { return try output.write(TableAnswer(applied.migrations.map(MigrationRow.init))) }
        for migration in applied.migrations { StandardStreams.writeError("applied \(migration.label)") }
        for name in applied.functions { StandardStreams.writeError("created the function \(name)") }
        if applied.isEmpty { StandardStreams.writeError("nothing to apply") }
    }

    /// The list is written even when there is something to complain of: it shows what.
    private func list(_ choice: DatabaseChoice) async throws {
        let overview = try await DatabaseSession.open(choice, direct: true) { pool in
            try await pool.withConnection { try await StorageMigrations.migrator.overview(on: $0) }
        }
        try output.write(TableAnswer(overview.migrations.map(MigrationRow.init)))
        if let problem = overview.problem { throw problem }
        for name in overview.functions.missing {
            StandardStreams.writeError(
                "the function \(name) of this version is missing: run harbor-fleet migrate")
        }
    }
}
