/// A queue of a loop's actions that are due at exact instants, the earliest first. It is for few actions at a time,
/// most of which are due at the same instant.
struct InstantQueue {
    private var entries: [(due: MonotonicInstant, action: () -> Void)] = []

    /// When the first action is due; nil when there is none.
    var earliest: MonotonicInstant? { entries.first?.due }

    /// Inserts an action after those of the same instant. This takes constant time if no other action is due later.
    mutating func insert(_ action: @escaping () -> Void, at due: MonotonicInstant) {
        let behind = entries.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        entries.insert((due, action), at: behind)
    }

    /// Removes and returns the actions that are due, in order.
    mutating func due(at now: MonotonicInstant) -> [() -> Void] {
        guard let first = entries.first, first.due <= now else { return [] }
        let count = entries.firstIndex { $0.due > now } ?? entries.count
        let due = entries.prefix(count).map(\.action)
        entries.removeFirst(count)
        return due
    }
}
