/// Why a session may be stale: it keeps the settings that the database and the role gave it at its start.
enum SessionStaleness: Equatable {
    /// The session accepts no writes.
    case readOnly
    /// A statement failed. The cause may be a setting from the session's start, or something that a new session has
    /// too.
    case suspect
}

extension PostgresError {
    /// The staleness that the error suggests, where the session's initial settings may be the cause: the defaults
    /// of the database and the role. A session keeps them after they have been corrected. Except for a read-only
    /// default, the cause is more often one that a new session has too.
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
