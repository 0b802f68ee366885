/// How to reach a database, and the time limits of its connections.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string, a URI or keywords (PostgreSQL manual, 34.1.1). It may hold the password: never
    /// log it.
    package var url: String
    /// The name in `pg_stat_activity`, e.g. `harbor-fleet/NODE`. PostgreSQL keeps the first 63 bytes.
    package var applicationName: String
    /// The limit for making a connection, everything included. Default 5 s. With several addresses, each gets an
    /// equal share.
    package var connectTimeout: Duration
    /// The limit for a statement, or for the statements of one batch, from the call to the result. Default 5 s.
    package var statementTimeout: Duration
    /// How long a statement may continue after its caller was cancelled. Default 1 s: most statements end sooner,
    /// and closing their connection costs more.
    package var abandonedTimeout: Duration = .seconds(1)
    /// Resolves the URL's host names, again for each attempt to connect. Default: the system's resolver.
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
