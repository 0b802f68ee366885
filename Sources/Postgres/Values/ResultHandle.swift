internal import CLibPQ

/// Owns one `PGresult`, which its rows share, and clears it exactly once, in `deinit`.
///
/// `@unchecked Sendable`: libpq never writes to a result after it has returned it, so reading is safe from any
/// thread.
@safe final class ResultHandle: @unchecked Sendable {
    /// From libpq, owned here.
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

    /// The number of rows that an INSERT, UPDATE or DELETE changed; 0 for other statements.
    var affectedRows: Int {
        guard let text = unsafe PQcmdTuples(pointer) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    /// The executed command, e.g. `INSERT 0 1`.
    var commandTag: String {
        guard let text = unsafe PQcmdStatus(pointer) else { return "" }
        return unsafe String(cString: text)
    }

    /// The object identifier of a column's type. The caller must have checked the column.
    func type(column: Int) -> UInt32 { unsafe PQftype(pointer, CInt(column)) }

    /// Calls `body` with the bytes of a field, nil for NULL. The bytes belong to the result and live as long as it;
    /// they must not leave the closure. The caller must have checked row and column.
    func withField<Value>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) -> Value) -> Value {
        guard unsafe PQgetisnull(pointer, CInt(row), CInt(column)) == 0 else { return body(nil) }
        let start = unsafe PQgetvalue(pointer, CInt(row), CInt(column))
        let length = unsafe PQgetlength(pointer, CInt(row), CInt(column))
        return unsafe body(UnsafeRawBufferPointer(start: start, count: Int(length)))
    }

    /// The error of a failed result: the server's, or libpq's when libpq made the result itself.
    var error: PostgresError {
        // The server always sends a SQLSTATE. Without one, libpq made the result because the connection was lost
        // in the middle of a statement.
        guard let sqlState = field(ResultField.sqlState) else { return connectionError }
        var more: [String] = []
        for code in [ResultField.detail, ResultField.hint, ResultField.context] {
            if let text = field(code) { more.append(text) }
        }
        var error = PostgresError(
            sqlState: sqlState, said: field(ResultField.message) ?? "", more: more,
            constraint: field(ResultField.constraint),
            // FATAL ends the session, and the outcome is then unknown: the server may be stopped between a commit
            // and the report of it.
            outcomeUnknown: field(ResultField.severity) != "ERROR")
        error.isOutOfLocks = sqlState == "53200" && namesLockSetting
        return error
    }

    /// The names of settings are the same in every language of the server.
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
    /// The severity that is not translated into the server's language.
    static let severity = CInt(UInt8(ascii: "V"))
    static let sqlState = CInt(UInt8(ascii: "C"))
    static let message = CInt(UInt8(ascii: "M"))
    static let detail = CInt(UInt8(ascii: "D"))
    static let hint = CInt(UInt8(ascii: "H"))
    static let context = CInt(UInt8(ascii: "W"))
    static let constraint = CInt(UInt8(ascii: "n"))
}
