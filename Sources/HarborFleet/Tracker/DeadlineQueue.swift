/// When something may have to happen to a vehicle; the earliest comes first (a binary heap).
///
/// Holds at most one entry per vehicle and kind: whoever takes an entry that came too early, because the
/// vehicle was heard of since, puts it back at its present deadline.
struct DeadlineQueue {
    enum Kind: Sendable {
        case offline
        case idle
    }

    struct Entry: Sendable {
        var deadline: Timestamp
        var vehicleID: VehicleID
        var kind: Kind
    }

    private var heap: [Entry] = []

    /// The earliest deadline; nil when nothing is waited for.
    var next: Timestamp? { heap.first?.deadline }

    var count: Int { heap.count }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest entry whose deadline has come.
    mutating func takeDue(at now: Timestamp) -> Entry? {
        guard let first = heap.first, first.deadline <= now, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        sinkRoot()
        return first
    }

    private mutating func sinkRoot() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadline < heap[least].deadline { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
