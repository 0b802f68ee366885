/// Actions of a loop that are due at exact instants, the earliest first; few at a time, and mostly of the same instant.
struct InstantQueue {
    private var entries: [(due: MonotonicInstant, action: () -> Void)] = []

    /// When the first one is due.
    var earliest: MonotonicInstant? { entries.first?.due }

    /// Inserts behind those of the same instant. Constant time for one that is due no earlier than all others.
    mutating func insert(_ action: @escaping () -> Void, at due: MonotonicInstant) {
        let behind = entries.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
        entries.insert((due, action), at: behind)
    }

    /// Takes out what is due, in order.
    mutating func due(at now: MonotonicInstant) -> [() -> Void] {
        guard let first = entries.first, first.due <= now else { return [] }
        let count = entries.firstIndex { $0.due > now } ?? entries.count
        let due = entries.prefix(count).map(\.action)
        entries.removeFirst(count)
        return due
    }
}
