internal import DequeModule

/// What the recorder decides. Pure: `Waiter` is whatever wakes the caller.
struct RecorderState<Waiter: Sendable>: Sendable {
    /// A POST that waits for its unit.
    struct Entry: Sendable {
        let post: PendingPost
        let waiter: Waiter
    }

    enum Refusal: Equatable {
        case full
        case breakerOpen
        case closed
    }

    private let configuration: RecorderConfiguration
    private var queue: Deque<Entry> = []
    private(set) var rows = 0
    private(set) var bytes = 0
    private(set) var posts = 0
    /// How many POSTs wait for a unit.
    var waiting: Int { queue.count }
    private var isOpen = false
    private var failures = 0
    private var refusesUntil: ContinuousClock.Instant?

    init(_ configuration: RecorderConfiguration) {
        self.configuration = configuration
    }

    mutating func started() {
        isOpen = true
        failures = 0
        refusesUntil = nil
    }

    /// - Returns: who waits in vain.
    mutating func stopped() -> [Entry] {
        isOpen = false
        defer { queue.removeAll() }
        return Array(queue)
    }

    /// Reserves room for a POST. nil: reserved.
    mutating func roomWanted(rows: Int, bytes: Int, now: ContinuousClock.Instant) -> Refusal? {
        guard isOpen else { return .closed }
        if let refusesUntil, now < refusesUntil { return .breakerOpen }
        // A POST that is larger than the queue may still pass an empty one.
        let isFull =
            posts >= configuration.maximumPosts || self.rows + rows > configuration.maximumRows
            || self.bytes + bytes > configuration.maximumBytes
        guard posts == 0 || !isFull else { return .full }
        self.rows += rows
        self.bytes += bytes
        posts += 1
        return nil
    }

    /// Gives the room of a POST back.
    mutating func roomReturned(rows: Int, bytes: Int) {
        self.rows -= rows
        self.bytes -= bytes
        posts -= 1
    }

    /// - Returns: false when nobody would ever take it.
    mutating func submitted(_ entry: Entry) -> Bool {
        guard isOpen else { return false }
        queue.append(entry)
        return true
    }

    /// What waits, up to the size of a unit; at least one POST when any waits.
    mutating func takeUnit() -> [Entry] {
        var unit: [Entry] = []
        var rows = 0
        while let entry = queue.first {
            rows += entry.post.fixes.count
            guard unit.isEmpty || rows <= configuration.rowsPerUnit else { break }
            unit.append(entry)
            queue.removeFirst()
        }
        return unit
    }

    mutating func unitSucceeded() {
        failures = 0
        refusesUntil = nil
    }

    /// A unit failed because the store is away.
    mutating func unitFailed(at now: ContinuousClock.Instant) {
        failures += 1
        if failures >= configuration.failuresUntilOpen {
            refusesUntil = now + configuration.openFor
        }
    }
}
