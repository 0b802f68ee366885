internal import ArgumentParser
internal import HarborFleet
internal import HarborFleetStorage
internal import Postgres

/// `harbor-fleet migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply pending migrations, or list all of them.")

    static let columns: [Column<MigrationStatus>] = [
        Column("NUMBER", "number") { .number($0.number) }, Column("NAME", "name") { .text($0.name) },
        // `applied`, `pending` or `newer`; `edited`, `dirty`, `unknown` or `missing` for a migration that is
        // refused.
        Column("STATE", "state") { .text($0.state.rawValue) },
        Column("APPLIED", "applied_at") { status in
            status.appliedAtMilliseconds.map { .time(Timestamp(milliseconds: $0)) }
        },
    ]

    /// The migrations that have just been applied, for programs.
    private static let applied: [Column<Migration>] = [
        Column(nil, "number") { .number($0.number) }, Column(nil, "name") { .text($0.name) },
        Column(nil, "state") { _ in .text(MigrationStatus.State.applied.rawValue) },
    ]

    @Flag(help: "List the migrations and change nothing.")
    var status = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !status || !database.makesDatabase else {
            throw ValidationError(
                "--status changes nothing, and --init creates a database: give only one of them.")
        }
    }

    func run() async throws {
        let choice = try await database.load()
        if status { return try await list(choice) }
        let applied = try await DatabaseSession.open(choice, direct: true) { pool in
            try await pool.withConnection { connection in
                try await StorageMigrations.migrator.apply(on: connection) {
                    StandardStreams.writeError("waiting for another migrator that is running")
                }
            }
        }
        if output.json { return try output.write(CommandOutput(applied.migrations, columns: Self.applied)) }
        for migration in applied.migrations { StandardStreams.writeError("applied \(migration.label)") }
        for name in applied.functions { StandardStreams.writeError("created the function \(name)") }
        if applied.isEmpty { StandardStreams.writeError("nothing to apply") }
    }

    /// The list is written even when a migration has a problem: it shows which one.
    private func list(_ choice: DatabaseChoice) async throws {
        let overview = try await DatabaseSession.open(choice, direct: true) { pool in
            try await pool.withConnection { try await StorageMigrations.migrator.overview(on: $0) }
        }
        try output.write(CommandOutput(overview.migrations, columns: Self.columns))
        if let problem = overview.problem { throw problem }
        for name in overview.functions.missing {
            StandardStreams.writeError(
                "the function \(name) of this version is missing: run harbor-fleet migrate")
        }
    }
}
