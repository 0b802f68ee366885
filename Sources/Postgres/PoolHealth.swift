/// How a pool is doing, for `/ready` and the metrics.
package struct PoolHealth: Sendable, Equatable {
    /// Whether at least one connection is there.
    package var isAvailable = false
    /// Connections that are there, and those of them that are in use.
    package var connected = 0
    package var leased = 0
    /// Callers that wait for a connection.
    package var waiting = 0
    /// Callers that were refused or waited in vain, since the start.
    package var exhausted = 0
    /// Why a connection was last lost or could not be made; nil since all is well again.
    package var lastError: PostgresError?

    package init() {}
}
