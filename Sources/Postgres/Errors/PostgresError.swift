/// An error in the communication with PostgreSQL.
///
/// `description` is safe to log and to count: it holds no values, and of SQL only the names of tables and similar
/// objects. The full texts of the server or libpq are in `debugDescription`.
package struct PostgresError: Error, Sendable, Equatable {
    /// What the caller may do about it.
    package enum Kind: Sendable, Equatable {
        /// No connection could be made, or it was lost.
        case connection
        /// The statement, the connect or the wait took longer than allowed.
        case timeout
        /// No connection became free in time, or too many callers were waiting already.
        case poolExhausted
        /// The server refused the statement (PostgreSQL manual, appendix A).
        case server(sqlState: String)
        /// A value was missing or did not have the requested type.
        case decoding
        /// The calling task was cancelled.
        case cancelled
        /// The pool or the connection is closed.
        case closed
    }

    package var kind: Kind
    /// A fixed text, or the server's message where that names objects and holds no values, see
    /// `init(sqlState:said:)`.
    package var message: String
    /// The violated constraint; nil when the error is of another kind.
    package var constraint: String?
    /// The texts of the server or libpq; they may hold values.
    package var detail: String
    /// Whether the server may have done what was requested although no response came.
    package var outcomeUnknown: Bool
    /// Whether the server has no room left in its table of locks. That is not a lack of memory, although both have
    /// the SQLSTATE 53200.
    package var isOutOfLocks = false
    /// Why the connection could not be made; nil for every other error.
    package var refusal: ConnectRefusal?
    /// How to repair the cause, as a sentence with a statement; nil when that is not known.
    package var advice: String?

    package init(
        _ kind: Kind, _ message: String, constraint: String? = nil, detail: String = "",
        outcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.constraint = constraint
        self.detail = detail
        self.outcomeUnknown = outcomeUnknown
    }

    /// The deadline had passed before the work began.
    static let timeIsOver = PostgresError(.timeout, "the deadline has passed")

    /// A lock was not granted within `lock_timeout`.
    package static let lockNotAvailable = "55P03"

    /// In these classes (PostgreSQL manual, appendix A) the server's primary message names tables, columns, roles
    /// and settings, and never a value: unsupported, no such schema, wrong state, syntax or rights, limits
    /// exceeded.
    private static let namingClasses: Set<String> = ["0A", "2B", "3F", "42", "54", "55"]

    /// An error that the server reported.
    /// - Parameters:
    ///   - said: its primary message.
    ///   - more: its other texts, which may hold values.
    init(sqlState: String, said: String, more: [String], constraint: String?, outcomeUnknown: Bool) {
        let isNaming = Self.namingClasses.contains(String(sqlState.prefix(2))) && !said.isEmpty
        self.init(
            .server(sqlState: sqlState), isNaming ? said : "the server refused the statement",
            constraint: constraint, detail: ((isNaming ? [] : [said]) + more).joined(separator: "; "),
            outcomeUnknown: outcomeUnknown)
    }

    private static let unavailableClasses: Set<String> = ["08", "53", "57", "58", "XX"]

    /// The SQLSTATE of an error that the server reported; otherwise nil.
    package var sqlState: String? {
        if case .server(let sqlState) = kind { sqlState } else { nil }
    }

    /// Whether the same transaction is likely to succeed when it runs again at once: a deadlock (40P01) or a
    /// serialization failure (40001). The server has rolled it back.
    package var isRetryable: Bool {
        sqlState == "40P01" || sqlState == "40001"
    }

    /// Whether this process ended the work, and not the database.
    var isOurs: Bool { kind == .cancelled || kind == .closed }

    /// Whether the database cannot be used now: no connection, a time-out, a full pool, a server that starts, stops
    /// or cancels (class 57), has no room for connections, disk or memory (class 53), cannot read or write its
    /// files (58), has an internal error (XX), or is read-only (25006).
    package var isUnavailable: Bool {
        switch kind {
        case .connection, .timeout, .poolExhausted, .closed, .cancelled: true
        case .decoding: false
        case .server(let sqlState):
            Self.unavailableClasses.contains(String(sqlState.prefix(2))) || sqlState == "25006" || isRetryable
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { summary + adviceText }

    private var summary: String {
        switch kind {
        case .server(let sqlState):
            constraint.map { "\(message) (SQLSTATE \(sqlState), constraint \($0))" }
                ?? "\(message) (SQLSTATE \(sqlState))"
        case .connection, .timeout, .poolExhausted, .decoding, .cancelled, .closed: message
        }
    }

    /// The advice as a suffix of a description.
    var adviceText: String { advice.map { ". \($0)" } ?? "" }

    package var debugDescription: String {
        detail.isEmpty ? description : "\(summary): \(detail)\(adviceText)"
    }
}
