/// The rows that a statement returned.
///
///     for row in try await pool.query("SELECT fleet_id, name FROM fleets") {
///         print(try row.string(0), try row.string(1))
///     }
///
/// Fields are decoded on access, directly from libpq's memory. A wrong type, column or row throws.
package struct PostgresRows: Sendable, RandomAccessCollection {
    private let result: ResultHandle

    init(_ result: ResultHandle) { self.result = result }

    /// The number of rows that an INSERT, UPDATE or DELETE changed.
    package var affectedRows: Int { result.affectedRows }
    /// The executed command as the server names it, e.g. `COMMIT`.
    package var commandTag: String { result.commandTag }

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }

    /// A row; reading a field of one that does not exist throws.
    package subscript(index: Int) -> PostgresRow { PostgresRow(result: result, index: index) }
}
