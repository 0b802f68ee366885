internal import EventLoops

/// A connect under way: who wants to know, until when, and where to. Loop only, but for the flag.
final class ConnectionOpening {
    /// For the thread that starts the connection.
    let isGivenUp = Flag()
    /// Whether the server has to answer a statement too before the connection counts as open.
    let isChecked: Bool
    /// Where to, in the order in which it is tried; nil while nobody looked, or when libpq knows better.
    var targets: [ConnectTarget]?
    /// What libpq was trying when it was last looked at.
    var lastTarget: ConnectTarget?
    /// Until it is looked at whether libpq has come to the next target.
    var share: ScheduledTimer?
    private let timer: ScheduledTimer
    private var completion: ((PostgresError?) -> Void)?

    init(isChecked: Bool, timer: ScheduledTimer, completion: @escaping (PostgresError?) -> Void) {
        self.isChecked = isChecked
        self.timer = timer
        self.completion = completion
    }

    /// libpq has been at one target for its whole share of the time: it comes last from now on, so that one that
    /// does not answer does not keep us from those behind it.
    /// - Returns: whether there is another one to try.
    func putLast(_ target: ConnectTarget) -> Bool {
        guard var order = targets, order.count > 1 else { return false }
        let place = order.firstIndex {
            $0.address == target.address && $0.host == target.host && $0.isAt(target)
        }
        order.append(order.remove(at: place ?? 0))
        targets = order
        return true
    }

    /// Tells the one who asked; later calls tell nobody.
    func finish(_ failure: PostgresError?) {
        timer.cancel()
        share?.cancel()
        if failure != nil { isGivenUp.set() }
        let completion = completion
        self.completion = nil
        completion?(failure)
    }
}

extension ConnectTarget {
    /// libpq names the default port, which we may not have.
    fileprivate func isAt(_ other: ConnectTarget) -> Bool {
        port.isEmpty || port == other.port
    }
}
