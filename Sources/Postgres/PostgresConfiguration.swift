/// How to reach a database, and how long things may take.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string, URI or keywords (PostgreSQL manual, 34.1.1). Holds the password: never log it.
    package var url: String
    /// What `pg_stat_activity` shows, e.g. `harbor-fleet/NODE`. PostgreSQL keeps the first 63 bytes.
    package var applicationName: String
    /// Until a connection is made. Default 5 s.
    package var connectTimeout: Duration
    /// For a statement, or the statements of one unit, from the call to the answer. Default 5 s.
    package var statementTimeout: Duration
    /// Statements run on each new connection, e.g. `SET synchronous_commit = on`. Default none.
    package var sessionStatements: [String]

    package init(
        url: String, applicationName: String, connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(5), sessionStatements: [String] = []
    ) {
        self.url = url
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.sessionStatements = sessionStatements
    }
}
