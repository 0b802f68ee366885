import HarborFleetTesting
import Synchronization

/// The ledger of all connections of a run.
final class LedgerBook: Sendable {
    private let ledger = Observed(FaultLedger())
    /// Responses that no fault excuses.
    private let surprises = Mutex<[String]>([])
    private let slowest = Mutex<Duration>(.zero)

    var value: FaultLedger { ledger.value }
    var acknowledgements: Int { ledger.value.acknowledgements }
    var unexpected: [String] { surprises.withLock { $0 } }
    /// The longest time that a copy waited for its response, of any status.
    var slowestResponse: Duration { slowest.withLock { $0 } }

    func write(_ change: (inout FaultLedger) -> Void) { ledger.change(change) }

    /// Returns once there are more than `count` acknowledgements.
    /// - Returns: whether there were within `limit`.
    func waitForAcknowledgements(beyond count: Int, within limit: Duration) async -> Bool {
        await ledger.wait(within: limit) { $0.acknowledgements > count }
    }

    func surprise(_ text: String) { surprises.withLock { $0.append(text) } }

    func took(_ duration: Duration) { slowest.withLock { $0 = max($0, duration) } }
}
