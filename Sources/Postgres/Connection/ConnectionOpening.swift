internal import EventLoops

/// The state of a connect in progress: its options, its targets and the caller's completion. Used on the loop only,
/// except for the flag.
final class ConnectionOpening {
    /// Tells the thread that starts the connection to stop.
    let isGivenUp = Flag()
    let check: ConnectCheck
    /// The options that the user chose for the session; known once they have been read.
    var options = ConnectOptions()
    /// A connection that accepts no writes, kept while the other targets are tried.
    private var fallback: ConnectionHandle?
    /// The targets in the order in which they are tried; nil before the look-up, or when libpq gets the string
    /// unchanged.
    var targets: [ConnectTarget]?
    /// The target that libpq was trying at the last check.
    var lastTarget: ConnectTarget?
    /// The timer until the next check whether libpq has moved on to another target.
    var share: ScheduledTimer?
    private let timer: ScheduledTimer
    private var completion: ((PostgresError?) -> Void)?

    init(check: ConnectCheck, timer: ScheduledTimer, completion: @escaping (PostgresError?) -> Void) {
        self.check = check
        self.timer = timer
        self.completion = completion
    }

    /// Moves a target to the end of the list after libpq has tried it for its whole share of the time, so that a
    /// target that does not respond does not block those after it.
    /// - Returns: whether there is another target to try.
    func putLast(_ target: ConnectTarget) -> Bool {
        guard var order = targets, order.count > 1 else { return false }
        order.append(order.remove(at: place(of: target, in: order)))
        targets = order
        return true
    }

    private func place(of target: ConnectTarget, in order: [ConnectTarget]) -> Int {
        order.firstIndex { $0.address == target.address && $0.host == target.host && $0.isAt(target) } ?? 0
    }

    /// Whether the connection must be writable if possible: there are several targets, some of which may accept no
    /// writes, and the user did not choose.
    var seeksWritable: Bool { options.sessionAttributes == nil && (targets?.count ?? 1) > 1 }
    var hasFallback: Bool { fallback != nil }

    /// Leaves out a target that accepts no writes. The first such connection is kept, for reads.
    /// - Returns: whether there is another target to try.
    func leaveOut(_ link: ConnectionHandle) -> Bool {
        guard var rest = targets, options.sessionAttributes == nil, !rest.isEmpty else { return false }
        rest.remove(at: place(of: link.target, in: rest))
        guard !rest.isEmpty else { return false }
        fallback = fallback ?? link
        targets = rest
        return true
    }

    /// Takes the kept connection, for use when no other target can be reached.
    func takeFallback() -> ConnectionHandle? { fallback.take() }

    /// Reports the result to the caller. Later calls have no effect.
    func finish(_ failure: PostgresError?) {
        timer.cancel()
        share?.cancel()
        fallback = nil
        if failure != nil { isGivenUp.set() }
        let completion = completion
        self.completion = nil
        completion?(failure)
    }
}

/// The check that a new connection must pass before it counts as open.
enum ConnectCheck {
    /// The status that the server reports during the connect, where that is enough.
    case reports
    /// The server must respond to a statement. Behind a PgBouncer a connection alone says nothing about the database.
    case statement
    /// As `statement`, to find out whether new sessions accept writes. A session of a pooler that accepts none is
    /// ended: its state may be older than the database's, and the pooler would keep it.
    case scout

    /// Returns one row: whether the session accepts no writes. `transaction_read_only` is "on" also on a standby.
    static let question = "SHOW transaction_read_only"

    /// As `question`, but ends the session if it is an old read-only session of a pooler. A pooler reports another
    /// process id than the session's own. A session is left alone for its first second, so that a read-only
    /// database does not get new sessions without end.
    static func endingQuestion(processID: Int32) -> String {
        """
        SELECT current_setting('transaction_read_only'), CASE
            WHEN current_setting('transaction_read_only') = 'on' AND pg_backend_pid() <> \(processID) AND EXISTS (
                SELECT FROM pg_stat_activity
                WHERE pid = pg_backend_pid() AND backend_start < clock_timestamp() - interval '1 second')
            THEN pg_terminate_backend(pg_backend_pid()) END
        """
    }
}

extension ConnectTarget {
    /// libpq reports the default port, while an entry of ours may leave the port empty.
    fileprivate func isAt(_ other: ConnectTarget) -> Bool {
        port.isEmpty || port == other.port
    }
}
