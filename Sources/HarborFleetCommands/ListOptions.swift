internal import ArgumentParser
internal import StoreCache

/// What the commands that list something have in common.
struct ListOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    /// Writes what `read` finds in the configured database, a row for each.
    func list<Item: Sendable, Row: TableRow>(
        as row: (Item) -> Row, _ read: (AdminStores) async throws -> [Item]
    ) async throws {
        let items = try await AdminSession.open(database) { stores in
            do {
                return try await read(stores)
            } catch let error as StoreError {
                throw CommandFailure(error, about: "the list")
            }
        }
        try output.write(TableAnswer(items.map(row)))
    }
}
