import Synchronization

/// The ledger that all connections of a run write into.
final class LedgerBook: Sendable {
    private let ledger = Mutex(FaultLedger())
    /// Statuses that no fault excuses, and what they said.
    private let surprises = Mutex<[String]>([])
    private let slowest = Mutex<Duration>(.zero)

    var value: FaultLedger { ledger.withLock { $0 } }
    var acknowledgements: Int { ledger.withLock { $0.acknowledgements } }
    var unexpected: [String] { surprises.withLock { $0 } }
    /// The longest that a copy waited for its answer, whichever.
    var slowestAnswer: Duration { slowest.withLock { $0 } }

    func write(_ change: (inout FaultLedger) -> Void) { ledger.withLock { change(&$0) } }

    func surprise(_ text: String) { surprises.withLock { $0.append(text) } }

    func took(_ duration: Duration) { slowest.withLock { $0 = max($0, duration) } }
}
