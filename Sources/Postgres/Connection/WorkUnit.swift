internal import EventLoops

/// One unit of work on its way through a connection. Finished exactly once.
///
/// `@unchecked Sendable`: made by the caller, then touched on the connection's loop only.
final class WorkUnit: @unchecked Sendable {
    typealias Outcome = Result<[PostgresRows], PostgresError>

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
    var id: UnitQueueState.UnitID?
    var rows: [PostgresRows] = []
    var error: PostgresError?
    var wasSent = false
    var timer: ScheduledTimer?
    /// The caller gave up, maybe before the unit reached the loop.
    private(set) var isAbandoned = false
    private var completion: ((Outcome) -> Void)?

    init(_ work: Work, timeout: Duration) {
        self.work = work
        self.timeout = timeout
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

    /// Tells the caller that it was cancelled. The answer, should one come, is still read and dropped.
    func abandon() {
        isAbandoned = true
        finish(.failure(PostgresError(.cancelled, "the caller was cancelled", outcomeUnknown: wasSent)))
    }

    /// The whole answer is here.
    func answered() {
        timer?.cancel()
        if let error { finish(.failure(error)) } else { finish(.success(rows)) }
    }
}
