internal import ArgumentParser
internal import StoreCache

/// The options and steps that all commands share that list or change something in the database.
struct AdminOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    /// Opens the configured database, makes sure that its schema is current, and passes its stores to `body`.
    /// - Parameters:
    ///   - subject: what the command is about, such as `fleet 'harbor-north'`: it appears in the message when a
    ///     store refuses.
    ///   - adds: whether the command adds something: then a database without tables gets them.
    func open<Value: Sendable>(
        _ subject: String, adds: Bool = false, _ body: (AdminStores) async throws -> Value
    ) async throws -> Value {
        let choice = try await database.load()
        return try await DatabaseSession.open(choice) { pool in
            try await SchemaWait(pool: pool, choice: choice, adds: adds).run()
            do {
                return try await body(AdminStores(pool, choice.configuration))
            } catch let error as StoreError {
                throw CommandFailure(error, about: subject)
            }
        }
    }

    /// Writes the items that `read` returns.
    func list<Item: Sendable>(
        _ columns: [Column<Item>], _ read: (AdminStores) async throws -> [Item]
    ) async throws {
        try output.write(CommandOutput(try await open("the list", read), columns: columns))
    }

    /// Changes something and reports it: in words (`removed fleet 'harbor-north'`) for people, by `members` for
    /// programs.
    func change(
        _ verb: String, _ subject: String, adds: Bool = false, _ members: [String: OutputValue],
        _ body: (AdminStores) async throws -> Void
    ) async throws {
        try await open(subject, adds: adds, body)
        StandardStreams.writeError("\(verb) \(subject)")
        try output.write(CommandOutput(members))
    }
}
