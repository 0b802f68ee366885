/// How a pool is doing, for `/ready` and the metrics.
package struct PoolHealth: Sendable, Equatable {
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
    /// Sessions that were replaced because they might be stale, since the start.
    package var renewals = 0
    /// Why a connection was last lost or could not be made; nil while the pool is available.
    package var lastError: PostgresError?
    /// Why the last probe failed, for want of the database; nil when it did not.
    package var probeFailure: PostgresError?
    /// What the last probe that was answered said, and when that was; nil before the first.
    package var isReadOnly = false
    package var answeredAt: ContinuousClock.Instant?
    /// When the breaker last closed, or a probe said that an outage is over; nil while neither was.
    package var recoveredAt: ContinuousClock.Instant?

    package init() {}

    /// The same, with what another pool's probe found out of the same database.
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
