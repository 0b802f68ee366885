/// A connection that is lent to one caller.
struct PoolLease: Sendable {
    let slot: PoolState.Slot
    let connection: PostgresConnection
}

/// A caller that waits for a connection.
///
/// `@unchecked Sendable`: see `LoopCall`.
final class PoolWaiter: LoopCall<PoolLease>, @unchecked Sendable {
    /// The maximum time that the caller waits.
    let limit: Duration

    init(limit: Duration) {
        self.limit = limit
    }
}
