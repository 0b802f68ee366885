internal import CLibPQ

/// Owns one `PGresult`, which its rows share, and clears it exactly once, when it goes.
///
/// `@unchecked Sendable`: libpq never writes to a result after handing it out, so reading is safe from any thread.
@safe final class ResultHandle: @unchecked Sendable {
    /// From libpq, ours alone.
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe PQclear(pointer)
    }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
    var rowCount: Int { Int(unsafe PQntuples(pointer)) }
    var columnCount: Int { Int(unsafe PQnfields(pointer)) }

    /// The rows that an INSERT, UPDATE or DELETE touched; 0 for others.
    var affectedRows: Int {
        guard let text = unsafe PQcmdTuples(pointer) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    /// What was done, e.g. `INSERT 0 1`.
    var commandTag: String {
        guard let text = unsafe PQcmdStatus(pointer) else { return "" }
        return unsafe String(cString: text)
    }

    /// The type of a column, by its object identifier. The caller has checked the column.
    func type(column: Int) -> UInt32 { unsafe PQftype(pointer, CInt(column)) }

    /// Calls `body` with the bytes of a field, nil for NULL. The bytes are the result's and live as long as it;
    /// they are not to leave the closure. The caller has checked row and column.
    func withField<Value>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) -> Value) -> Value {
        guard unsafe PQgetisnull(pointer, CInt(row), CInt(column)) == 0 else { return body(nil) }
        let start = unsafe PQgetvalue(pointer, CInt(row), CInt(column))
        let length = unsafe PQgetlength(pointer, CInt(row), CInt(column))
        return unsafe body(UnsafeRawBufferPointer(start: start, count: Int(length)))
    }

    /// What the server said, for a result that is an error; or libpq, when it made the result itself.
    var error: PostgresError {
        // The server never leaves it out. libpq makes such a result when the server goes in the middle of a statement.
        guard let sqlState = field(ResultField.sqlState) else { return connectionError }
        var more: [String] = []
        for code in [ResultField.detail, ResultField.hint, ResultField.context] {
            if let text = field(code) { more.append(text) }
        }
        var error = PostgresError(
            sqlState: sqlState, said: field(ResultField.message) ?? "", more: more,
            constraint: field(ResultField.constraint),
            // FATAL ends the session. The server looks for orders to end also between a commit and telling of it.
            outcomeUnknown: field(ResultField.severity) != "ERROR")
        error.isOutOfLocks = sqlState == "53200" && namesLockSetting
        return error
    }

    /// Settings have one name in every language that the server may speak.
    private var namesLockSetting: Bool {
        field(ResultField.hint)?.contains("_locks_per_transaction") ?? false
    }

    private var connectionError: PostgresError {
        let message = unsafe PQresultErrorMessage(pointer)
        return PostgresError(
            .connection, "the connection was lost",
            detail: unsafe message.map { unsafe String(cString: $0) } ?? "", outcomeUnknown: true)
    }

    private func field(_ code: CInt) -> String? {
        guard let text = unsafe PQresultErrorField(pointer, code) else { return nil }
        return unsafe String(cString: text)
    }
}

/// The codes of the fields of errors and notices (PostgreSQL manual, 55.8).
enum ResultField {
    /// Not in the server's language.
    static let severity = CInt(UInt8(ascii: "V"))
    static let sqlState = CInt(UInt8(ascii: "C"))
    static let message = CInt(UInt8(ascii: "M"))
    static let detail = CInt(UInt8(ascii: "D"))
    static let hint = CInt(UInt8(ascii: "H"))
    static let context = CInt(UInt8(ascii: "W"))
    static let constraint = CInt(UInt8(ascii: "n"))
}
