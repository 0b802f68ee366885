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
    /// The breaker is open, and until when it refuses every POST; then one may try.
    private var refusesUntil: ContinuousClock.Instant?
    /// Whether that one is on its way.
    private var isTrying = false

    init(_ configuration: RecorderConfiguration) {
        self.configuration = configuration
    }

    mutating func started() {
        isOpen = true
        unitSucceeded()
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
        if let refusesUntil, isTrying || now < refusesUntil { return .breakerOpen }
        // A POST that is larger than the queue may still pass an empty one.
        let isFull =
            posts >= configuration.maximumPosts || self.rows + rows > configuration.maximumRows
            || self.bytes + bytes > configuration.maximumBytes
        guard posts == 0 || !isFull else { return .full }
        isTrying = refusesUntil != nil
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
        // The one that was to try may have been let go.
        if posts == 0 { isTrying = false }
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

    /// The store answered, be it that it refused the unit.
    mutating func unitSucceeded() {
        failures = 0
        refusesUntil = nil
        isTrying = false
    }

    /// A unit failed because the store is away.
    /// - Returns: who waits in vain: the breaker is open, and they would only wait for the same.
    mutating func unitFailed(at now: ContinuousClock.Instant) -> [Entry] {
        failures += 1
        isTrying = false
        guard failures >= configuration.failuresUntilOpen else { return [] }
        refusesUntil = now + configuration.openFor
        defer { queue.removeAll() }
        return Array(queue)
    }
}
