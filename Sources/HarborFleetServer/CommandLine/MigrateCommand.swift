internal import ArgumentParser
internal import HarborFleetStorage
internal import Postgres

/// `harbor-fleet migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply pending migrations, or list all of them.")

    @Flag(help: "List the migrations and change nothing.")
    var status = false

    @OptionGroup var settings: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let configuration = try await settings.load()
        let isList = status
        let rows = try await DatabaseSession.open(configuration, direct: true) { pool in
            try await pool.withConnection { connection in
                try await isList ? Self.list(connection) : Self.apply(connection)
            }
        }
        if isList || output.json { return try output.write(TableAnswer(rows)) }
        for row in rows { StandardStreams.writeError("applied \(row.number) \(row.name)") }
        if rows.isEmpty { StandardStreams.writeError("nothing to apply") }
    }

    private static func list(_ connection: PostgresConnection) async throws -> [MigrationRow] {
        try await StorageMigrations.migrator.status(on: connection).map {
            MigrationRow(number: $0.number, name: $0.name, state: $0.state.rawValue)
        }
    }

    private static func apply(_ connection: PostgresConnection) async throws -> [MigrationRow] {
        try await StorageMigrations.migrator.apply(on: connection).map {
            MigrationRow(number: $0.number, name: $0.name, state: "applied")
        }
    }
}
