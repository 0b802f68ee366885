/// The state of a pool for `/ready` and the metrics.
package struct PoolHealth: Sendable, Equatable {
    /// Whether at least one connection exists and the circuit breaker is closed.
    package var isAvailable = false
    /// The number of connections, and how many of them are in use.
    package var connected = 0
    package var leased = 0
    /// Callers waiting for a connection.
    package var waiting = 0
    /// Callers that were refused or did not get a connection in time, since the start.
    package var exhausted = 0
    /// Lost connections and failed attempts to connect, since the start.
    package var lost = 0
    /// How often the circuit breaker opened since the start.
    package var openings = 0
    /// Sessions that were replaced because they might be stale, since the start.
    package var renewals = 0
    /// Why a connection was last lost or could not be made; nil while the pool is available.
    package var lastError: PostgresError?
    /// Why the last probe failed because of the database; nil when it did not.
    package var probeFailure: PostgresError?
    /// Whether the last probe that got a response found the database read-only, and the time of that probe; nil before
    /// the first.
    package var isReadOnly = false
    package var answeredAt: ContinuousClock.Instant?
    /// When the circuit breaker last closed, or a probe showed that an outage is over; nil while neither has
    /// happened.
    package var recoveredAt: ContinuousClock.Instant?

    package init() {}

    /// The same health with what the probe of another pool found out about the same database.
    package func probed(by other: PoolHealth) -> PoolHealth {
        var health = self
        health.probeFailure = other.probeFailure
        health.isReadOnly = other.isReadOnly
        health.answeredAt = other.answeredAt
        health.recoveredAt = [recoveredAt, other.recoveredAt].compactMap(\.self).max()
        guard !other.isAvailable else { return health }
        health.isAvailable = false
        health.lastError = other.lastError ?? lastError
        return health
    }
}
