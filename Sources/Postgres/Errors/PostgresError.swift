/// What went wrong between us and PostgreSQL.
///
/// `description` is safe to log and to count: it holds no values, and of SQL no more than names of tables and the like.
/// What the server or libpq said word for word is in `debugDescription`.
package struct PostgresError: Error, Sendable, Equatable {
    /// What the caller may do about it.
    package enum Kind: Sendable, Equatable {
        /// No connection could be made, or it was lost.
        case connection
        /// The statement, the connect or the wait took longer than allowed.
        case timeout
        /// No connection came free in time, or too many callers were waiting already.
        case poolExhausted
        /// The server refused the statement (PostgreSQL manual, appendix A).
        case server(sqlState: String)
        /// A value was not of the type that was asked for, or not there.
        case decoding
        /// The calling task was cancelled.
        case cancelled
        /// The pool or the connection is closed.
        case closed
    }

    package var kind: Kind
    /// Our own words, or the server's where these name things and hold no values, see `init(sqlState:said:)`.
    package var message: String
    /// The constraint that was violated; nil when it was something else.
    package var constraint: String?
    /// What the server or libpq said; may hold values.
    package var detail: String
    /// Whether the server may have done what was asked, though no answer came.
    package var outcomeUnknown: Bool
    /// Whether the server has no room left in its table of locks, which is no want of memory (SQLSTATE 53200 has both).
    package var isOutOfLocks = false
    /// Why the connection was not made; nil for everything else.
    package var refusal: ConnectRefusal?
    /// What mends it, a sentence with a statement; nil where that is not known.
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

    /// There is no time left to begin with.
    static let timeIsOver = PostgresError(.timeout, "the time for it is over")

    /// A lock was not to be had within `lock_timeout`.
    package static let lockNotAvailable = "55P03"

    /// Of these classes (PostgreSQL manual, appendix A) the server's primary message names tables, columns, roles and
    /// settings, and never a value: unsupported, no such schema, wrong state, syntax or rights, limits exceeded.
    private static let namingClasses: Set<String> = ["0A", "2B", "3F", "42", "54", "55"]

    /// What the server refused.
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

    /// The SQLSTATE of a refusal by the server, else nil.
    package var sqlState: String? {
        if case .server(let sqlState) = kind { sqlState } else { nil }
    }

    /// Whether the same transaction may well succeed when it is run again at once: a deadlock (40P01) or a
    /// serialization failure (40001). The server has rolled it back.
    package var isRetryable: Bool {
        sqlState == "40P01" || sqlState == "40001"
    }

    /// Whether we gave it up, and not the database.
    var isOurs: Bool { kind == .cancelled || kind == .closed }

    /// Whether the database cannot be used just now: no connection, a time-out, a full pool, a server that starts,
    /// stops or cancels (class 57), has no room for connections, disk or memory (class 53), cannot read or write its
    /// files (58), is broken (XX), or reads only (25006).
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

    /// Behind a description.
    var adviceText: String { advice.map { ". \($0)" } ?? "" }

    package var debugDescription: String {
        detail.isEmpty ? description : "\(summary): \(detail)\(adviceText)"
    }
}
