/// How to reach a database, and how long things may take.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string, URI or keywords (PostgreSQL manual, 34.1.1). Holds the password: never log it.
    package var url: String
    /// What `pg_stat_activity` shows, e.g. `harbor-fleet/NODE`. PostgreSQL keeps the first 63 bytes.
    package var applicationName: String
    /// Until a connection is made, whatever that needs. Default 5 s. With several addresses each has its share of it.
    package var connectTimeout: Duration
    /// For a statement, or the statements of one unit, from the call to the answer. Default 5 s.
    package var statementTimeout: Duration
    /// How long a statement may go on after its caller was cancelled. Default 1 s: most end in less, and to give up
    /// their connection costs more.
    package var abandonedTimeout: Duration = .seconds(1)
    /// Finds the addresses of the URL's hosts, anew for each try. Default the system's resolver.
    package var lookup = HostLookup.system

    package init(
        url: String, applicationName: String, connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(5)
    ) {
        self.url = url
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
    }
}
