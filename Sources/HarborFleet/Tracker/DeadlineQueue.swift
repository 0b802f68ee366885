internal import HeapModule

/// When something may have to happen to a vehicle; the earliest comes first.
///
/// Holds at most one entry per vehicle and kind: whoever takes an entry that came too early, because the
/// vehicle was heard of since, puts it back at its present deadline.
struct DeadlineQueue {
    enum Kind: Sendable {
        case offline
        case idle
    }

    struct Entry: Sendable, Comparable {
        var deadline: Timestamp
        var vehicleID: VehicleID
        var kind: Kind

        static func < (left: Self, right: Self) -> Bool { left.deadline < right.deadline }
    }

    private var heap = Heap<Entry>()

    /// The earliest deadline; nil when nothing is waited for.
    var next: Timestamp? { heap.min?.deadline }

    mutating func insert(_ entry: Entry) {
        heap.insert(entry)
    }

    /// Takes the earliest entry whose deadline has come.
    mutating func takeDue(at now: Timestamp) -> Entry? {
        guard let next, next <= now else { return nil }
        return heap.popMin()
    }
}
