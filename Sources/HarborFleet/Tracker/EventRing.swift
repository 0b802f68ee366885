internal import DequeModule

/// The newest events of one epoch, for subscribers that reconnect. Bounded: the oldest events are dropped.
struct EventRing: Sendable {
    private var events: Deque<LiveEvent> = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    mutating func append(_ new: [LiveEvent]) {
        events.append(contentsOf: new)
        events.removeFirst(max(events.count - capacity, 0))
    }

    mutating func removeAll() {
        events.removeAll()
    }

    /// The events after `seq`, up to `current`; nil when one of them is no longer held, or when `seq` is greater
    /// than `current`.
    func events(after seq: UInt64, current: UInt64) -> [LiveEvent]? {
        guard seq <= current else { return nil }
        let missed = current - seq
        guard missed <= UInt64(events.count) else { return nil }
        return Array(events.suffix(Int(missed)))
    }
}
