extension PostgresError {
    /// Why the database cannot be used, in a sentence for the operator. It names no host and no value, so it may be
    /// public. When a right or a table is missing, it names the table and the role.
    package var reason: String {
        switch kind {
        case .timeout: "the database does not respond: time-out"
        case .poolExhausted: "all connections to the database are in use"
        case .server where isOutOfLocks: Self.outOfLocks
        case .server(let sqlState):
            Self.reason(ofState: sqlState) ?? "\(message) (SQLSTATE \(sqlState))\(adviceText)"
        case .connection: connectionReason
        case .decoding, .cancelled, .closed: description
        }
    }

    /// As `reason`, when it says more than that the database does not respond; otherwise nil.
    package var reasonOfRefusal: String? {
        guard case .server(let sqlState) = kind else { return nil }
        return isOutOfLocks ? Self.outOfLocks : Self.reason(ofState: sqlState)
    }

    private static let outOfLocks =
        "the database is out of lock memory: max_locks_per_transaction is too small (SQLSTATE 53200)"

    private var connectionReason: String {
        switch refusal {
        case .server("42501")?:
            "the role may not connect to the database: GRANT CONNECT ON DATABASE (SQLSTATE 42501)"
        case .server(let sqlState)?:
            Self.reason(ofState: sqlState) ?? "the database refuses connections (SQLSTATE \(sqlState))"
        case .hostNotFound?: "the database's host name is not found"
        case .nobodyListens?: "the database cannot be reached: connection refused"
        case .tls?: "no TLS connection to the database: the log says why"
        case .unwanted?: "no host of the database satisfies target_session_attrs"
        case .other?, nil: description
        }
    }

    /// The texts for SQLSTATEs (PostgreSQL manual, appendix A).
    private static func reason(ofState sqlState: String) -> String? {
        let words: String
        switch sqlState {
        case "25006": words = "the database is read-only"
        case "53100": words = "the database is out of disk space"
        case "53200": words = "the database is out of memory"
        case "53300": words = "the database has too many connections"
        case "57P01", "57P02": words = "the database is shutting down"
        case "57P03": words = "the database is starting or stopping"
        case "3D000": words = "there is no such database"
        case _ where sqlState.hasPrefix("08"): words = "the connection pooler cannot reach the database"
        case _ where sqlState.hasPrefix("28"): words = "the database rejects the login"
        default: return nil
        }
        return "\(words) (SQLSTATE \(sqlState))"
    }
}
