/// How a pool is doing, for `/ready` and the metrics.
package struct PoolHealth: Sendable, Equatable {
    /// A failure that says that the database cannot be used, and when it was.
    package struct Failure: Sendable, Equatable {
        package var error: PostgresError
        package var at: ContinuousClock.Instant

        package init(error: PostgresError, at: ContinuousClock.Instant) {
            self.error = error
            self.at = at
        }
    }

    /// Whether at least one connection is there, and the breaker closed.
    package var isAvailable = false
    /// Connections that are there, and those of them that are in use.
    package var connected = 0
    package var leased = 0
    /// Callers that wait for a connection.
    package var waiting = 0
    /// Callers that were refused or waited in vain, since the start.
    package var exhausted = 0
    /// Connections that were lost, and tries to connect that failed, since the start.
    package var lost = 0
    /// Times that the breaker opened, since the start.
    package var openings = 0
    /// Why a connection was last lost or could not be made; nil while the pool is available.
    package var lastError: PostgresError?
    /// What the last probe said, and when there was an answer at all; nil before the first.
    package var isReadOnly = false
    package var answeredAt: ContinuousClock.Instant?
    /// The last unit of statements failed for want of the database; nil when one has succeeded since.
    package var unitFailure: Failure?

    package init() {}
}
