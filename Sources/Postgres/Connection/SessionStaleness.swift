/// Why a session may be stale: it keeps what database and role gave it at its start.
enum SessionStaleness: Equatable {
    /// It takes no writes.
    case readOnly
    /// A statement failed, maybe for what the session was started with, maybe for what a new one has too.
    case suspect
}

extension PostgresError {
    /// What the error makes of its session, where what the session was started with may be the cause: the defaults of
    /// database and role. They stay with a session when they are set right. But for a read-only default, the cause is
    /// more often one that a new session has too.
    var staleness: SessionStaleness? {
        switch sqlState {
        case "25006": .readOnly
        // A search path: undefined schema, table, function, object. A role: insufficient privilege.
        case "3F000", "42P01", "42883", "42704", "42501": .suspect
        // statement_timeout, lock_timeout, temp_file_limit.
        case "57014", "55P03", "53400": .suspect
        default: nil
        }
    }
}
