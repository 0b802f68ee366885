/// Decides when a connection sends which batch of statements, and which batch the next result belongs to. A value:
/// no libpq, no clock.
///
/// A batch (unit) is either a few statements that form one implicit transaction in pipeline mode and end with one
/// Sync, or a script by the simple protocol. Several pipelined batches may be in flight; a script is alone.
struct UnitQueueState: Equatable {
    typealias UnitID = UInt64

    enum Kind: Equatable, Sendable {
        case pipelined
        case script
    }

    struct Entry: Equatable {
        let id: UnitID
        let kind: Kind
    }

    /// The maximum number of batches that are in flight, and of those that wait behind them. Any further submission
    /// is refused.
    let maximumInFlight: Int
    let maximumWaiting: Int
    private(set) var waiting: [Entry] = []
    private(set) var inFlight: [Entry] = []

    init(maximumInFlight: Int = 8, maximumWaiting: Int = 64) {
        self.maximumInFlight = maximumInFlight
        self.maximumWaiting = maximumWaiting
    }

    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// The batch that the next result belongs to.
    var answering: Entry? { inFlight.first }

    /// - Returns: false when too many batches are waiting already.
    mutating func submitted(_ id: UnitID, _ kind: Kind) -> Bool {
        guard waiting.count < maximumWaiting else { return false }
        waiting.append(Entry(id: id, kind: kind))
        return true
    }

    /// Takes the batch to send now; nil when none may be sent.
    mutating func next() -> Entry? {
        guard let entry = waiting.first, maySend(entry.kind) else { return nil }
        waiting.removeFirst()
        inFlight.append(entry)
        return entry
    }

    private func maySend(_ kind: Kind) -> Bool {
        guard let current = inFlight.first else { return true }
        return kind == .pipelined && current.kind == .pipelined && inFlight.count < maximumInFlight
    }

    /// Whether no other batch is in flight or waiting.
    func isAlone(_ id: UnitID) -> Bool {
        waiting.isEmpty && inFlight.count == 1 && inFlight.first?.id == id
    }

    /// The oldest batch in flight has its complete result.
    mutating func answered() -> UnitID? {
        inFlight.isEmpty ? nil : inFlight.removeFirst().id
    }

    /// - Returns: whether the batch was still waiting and has been removed from the queue. A batch in flight stays.
    mutating func withdrawn(_ id: UnitID) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// The connection is lost. Returns the batches that were sent, whose outcome is unknown, and those that were
    /// not.
    mutating func failed() -> (sent: [UnitID], unsent: [UnitID]) {
        defer { (waiting, inFlight) = ([], []) }
        return (inFlight.map(\.id), waiting.map(\.id))
    }
}
