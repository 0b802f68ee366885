internal import EventLoops

/// A connect under way: who wants to know, until when, and where to. Loop only, but for the flag.
final class ConnectionOpening {
    /// For the thread that starts the connection.
    let isGivenUp = Flag()
    let check: ConnectCheck
    /// What the user wants of the session; known once the options are read.
    var options = ConnectOptions()
    /// One that takes no writes, kept while the other targets are tried.
    private var fallback: ConnectionHandle?
    /// Where to, in the order in which it is tried; nil while nobody looked, or when libpq knows better.
    var targets: [ConnectTarget]?
    /// What libpq was trying when it was last looked at.
    var lastTarget: ConnectTarget?
    /// Until it is looked at whether libpq has come to the next target.
    var share: ScheduledTimer?
    private let timer: ScheduledTimer
    private var completion: ((PostgresError?) -> Void)?

    init(check: ConnectCheck, timer: ScheduledTimer, completion: @escaping (PostgresError?) -> Void) {
        self.check = check
        self.timer = timer
        self.completion = completion
    }

    /// libpq has been at one target for its whole share of the time: it comes last from now on, so that one that
    /// does not answer does not keep us from those behind it.
    /// - Returns: whether there is another one to try.
    func putLast(_ target: ConnectTarget) -> Bool {
        guard var order = targets, order.count > 1 else { return false }
        order.append(order.remove(at: place(of: target, in: order)))
        targets = order
        return true
    }

    private func place(of target: ConnectTarget, in order: [ConnectTarget]) -> Int {
        order.firstIndex { $0.address == target.address && $0.host == target.host && $0.isAt(target) } ?? 0
    }

    /// Whether there are several targets, one of which may take writes while others do not, and the choice is ours.
    var seeksWritable: Bool { options.sessionAttributes == nil && (targets?.count ?? 1) > 1 }
    var hasFallback: Bool { fallback != nil }

    /// A target takes no writes: it is left out from now on. The first such connection is kept, for reads.
    /// - Returns: whether there is another target to try.
    func leaveOut(_ link: ConnectionHandle) -> Bool {
        guard var rest = targets, options.sessionAttributes == nil, !rest.isEmpty else { return false }
        rest.remove(at: place(of: link.target, in: rest))
        guard !rest.isEmpty else { return false }
        fallback = fallback ?? link
        targets = rest
        return true
    }

    /// The connection to go on with when no other target can be had.
    func takeFallback() -> ConnectionHandle? { fallback.take() }

    /// Tells the one who asked; later calls tell nobody.
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

/// What has to be seen of a connection before it counts as open.
enum ConnectCheck {
    /// What the server has told while it was made, where that is enough.
    case reports
    /// A statement is answered. Behind a PgBouncer a connection alone says nothing of the database.
    case statement
    /// The same, to find out whether new sessions take writes. One that takes none is ended where it is a pooler's: its
    /// state may be older than what the database has now, and the pooler would keep it.
    case scout

    /// One row: whether the session takes no writes. `setting` is "on" also on a standby.
    static let question = "SHOW transaction_read_only"

    /// The same, which ends a session of a pooler's. A pooler tells another process id than the session's own. A session
    /// is left alone for its first second, so that a database that takes no writes is not asked without end.
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
    /// libpq names the default port, which we may not have.
    fileprivate func isAt(_ other: ConnectTarget) -> Bool {
        port.isEmpty || port == other.port
    }
}
