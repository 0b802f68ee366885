/// Which unit of work a connection sends when, and whose answer comes next. A value: no libpq, no clock.
///
/// A unit is either a few statements that are one implicit transaction in pipeline mode (they end with one Sync), or
/// a script by the simple protocol. Several pipelined units may be in flight; a script is alone.
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

    /// Bounds of what is sent and unanswered, and of what waits behind that. A submission beyond is refused.
    let maximumInFlight: Int
    let maximumWaiting: Int
    private(set) var waiting: [Entry] = []
    private(set) var inFlight: [Entry] = []

    init(maximumInFlight: Int = 8, maximumWaiting: Int = 64) {
        self.maximumInFlight = maximumInFlight
        self.maximumWaiting = maximumWaiting
    }

    var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }
    /// The unit that the next result belongs to.
    var answering: Entry? { inFlight.first }

    /// - Returns: false when too many wait already.
    mutating func submitted(_ id: UnitID, _ kind: Kind) -> Bool {
        guard waiting.count < maximumWaiting else { return false }
        waiting.append(Entry(id: id, kind: kind))
        return true
    }

    /// The unit to send now, nil when none may be sent.
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

    /// Whether nothing else is in flight or waits.
    func isAlone(_ id: UnitID) -> Bool {
        waiting.isEmpty && inFlight.count == 1 && inFlight.first?.id == id
    }

    /// The oldest unit in flight has its whole answer.
    mutating func answered() -> UnitID? {
        inFlight.isEmpty ? nil : inFlight.removeFirst().id
    }

    /// - Returns: whether the unit still waited, and is out of the queue now; one that is in flight stays.
    mutating func withdrawn(_ id: UnitID) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// The connection is lost: the units that were sent, whose outcome nobody knows, and those that were not.
    mutating func failed() -> (sent: [UnitID], unsent: [UnitID]) {
        defer { (waiting, inFlight) = ([], []) }
        return (inFlight.map(\.id), waiting.map(\.id))
    }
}
