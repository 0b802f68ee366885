/// A batch of statements, or one script, on its way through a connection.
///
/// `@unchecked Sendable`: see `LoopCall`.
final class WorkUnit: LoopCall<[PostgresRows]>, @unchecked Sendable {
    enum Work: Sendable {
        case statements([PostgresStatement])
        case script(String)

        var kind: UnitQueueState.Kind {
            switch self {
            case .statements: .pipelined
            case .script: .script
            }
        }
    }

    let work: Work
    let timeout: Duration
    var rows: [PostgresRows] = []
    var error: PostgresError?
    var wasSent = false

    init(_ work: Work, timeout: Duration) {
        self.work = work
        self.timeout = timeout
    }

    /// The complete result has arrived. The result of an abandoned batch is read and discarded.
    func answered() {
        timer?.cancel()
        finish(error.map(Outcome.failure) ?? .success(rows))
    }
}
