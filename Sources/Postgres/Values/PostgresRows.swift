/// The rows that a statement returned.
///
///     for row in try await pool.query("SELECT fleet_id, name FROM fleets") {
///         print(try row.string(0), try row.string(1))
///     }
///
/// Fields are decoded when asked for, straight from libpq's memory; a wrong type, column or row throws.
package struct PostgresRows: Sendable {
    private let result: ResultBox

    init(_ result: consuming ResultHandle) {
        self.result = ResultBox(result)
    }

    /// How many rows there are.
    package var count: Int { result.rowCount }
    package var isEmpty: Bool { count == 0 }
    /// How many rows an INSERT, UPDATE or DELETE touched.
    package var affectedRows: Int { result.handle.affectedRows }
    /// What was done, as the server names it, e.g. `COMMIT`.
    package var commandTag: String { result.handle.commandTag }
    /// The first row, nil when there is none.
    package var first: PostgresRow? { isEmpty ? nil : self[0] }

    /// A row; reading a field of one that does not exist throws.
    package subscript(index: Int) -> PostgresRow { PostgresRow(result: result, index: index) }
}

extension PostgresRows: Sequence {
    package func makeIterator() -> AnyIterator<PostgresRow> {
        var index = 0
        return AnyIterator {
            guard index < count else { return nil }
            defer { index &+= 1 }
            return self[index]
        }
    }
}

/// Shares a result among its rows.
///
/// `@unchecked Sendable`: libpq's result is only read once it is here, see `ResultHandle`.
final class ResultBox: @unchecked Sendable {
    let handle: ResultHandle
    let rowCount: Int
    let columnCount: Int

    init(_ handle: consuming ResultHandle) {
        rowCount = handle.rowCount
        columnCount = handle.columnCount
        self.handle = handle
    }
}
