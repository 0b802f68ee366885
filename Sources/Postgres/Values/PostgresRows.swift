/// The rows that a statement returned.
///
///     for row in try await pool.query("SELECT fleet_id, name FROM fleets") {
///         print(try row.string(0), try row.string(1))
///     }
///
/// Fields are decoded when asked for, straight from libpq's memory; a wrong type, column or row throws.
package struct PostgresRows: Sendable, RandomAccessCollection {
    private let result: ResultHandle

    init(_ result: ResultHandle) { self.result = result }

    /// How many rows an INSERT, UPDATE or DELETE touched.
    package var affectedRows: Int { result.affectedRows }
    /// What was done, as the server names it, e.g. `COMMIT`.
    package var commandTag: String { result.commandTag }

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }

    /// A row; reading a field of one that does not exist throws.
    package subscript(index: Int) -> PostgresRow { PostgresRow(result: result, index: index) }
}
