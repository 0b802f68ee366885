internal import EventLoops

/// A connection in the hands of one caller.
struct PoolLease: Sendable {
    let slot: PoolState.Slot
    let connection: PostgresConnection
}

/// A caller that waits for a connection. Finished exactly once.
///
/// `@unchecked Sendable`: made by the caller, then touched on the pool's loop only.
final class PoolWaiter: @unchecked Sendable {
    typealias Outcome = Result<PoolLease, PostgresError>

    /// How long it waits.
    let limit: Duration
    var id: PoolState.WaiterID?
    var timer: ScheduledTimer?
    /// The caller gave up, maybe before its request reached the loop.
    private(set) var isAbandoned = false
    private var completion: ((Outcome) -> Void)?

    init(limit: Duration) {
        self.limit = limit
    }

    func onFinish(_ completion: @escaping (Outcome) -> Void) {
        self.completion = completion
    }

    /// Tells the caller; later calls tell nobody.
    func finish(_ outcome: Outcome) {
        let completion = completion
        self.completion = nil
        completion?(outcome)
    }

    /// Tells the caller that it was cancelled.
    func abandon() {
        isAbandoned = true
        finish(.failure(PostgresError(.cancelled, "the caller was cancelled")))
    }
}
