internal import DequeModule

/// What the recorder decides. Pure: `Waiter` is whatever wakes the caller.
struct RecorderState<Waiter: Sendable>: Sendable {
    /// A POST that waits for its unit.
    struct Entry: Sendable {
        let post: PendingPost
        let waiter: Waiter
        /// When it came.
        let since: ContinuousClock.Instant
    }

    /// Whom to wake.
    struct WakeUps: Equatable {
        var writer: Int?
        var watch = false
    }

    /// What a writer is to do: nothing but wait for being woken when `entries` is empty.
    struct Unit: Sendable {
        var entries: [Entry] = []
        /// Who has waited for too long.
        var overdue: [Entry] = []
        var wakeUps = WakeUps()
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
    /// Why the store last took no unit, and when; nil when it has taken one since.
    private(set) var storeFailure: StoreFailure?
    /// The breaker is open, and until when it refuses every POST; then one may try.
    private var refusesUntil: ContinuousClock.Instant?
    /// Whether that one is on its way.
    private var isTrying = false
    /// The writers that wait for being woken.
    private var idleWriters: [Int] = []
    /// A writer was woken and has not looked yet: it takes what comes meanwhile.
    private var isWaking = false
    /// Nobody looks at the clock for who waits for too long.
    private var isUnwatched = false

    init(_ configuration: RecorderConfiguration) {
        self.configuration = configuration
    }

    mutating func started() {
        isOpen = true
        idleWriters = []
        isWaking = false
        isUnwatched = false
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

    /// - Returns: whom to wake; nil when nobody would ever take it.
    mutating func submitted(_ entry: Entry) -> WakeUps? {
        guard isOpen else { return nil }
        queue.append(entry)
        defer { isUnwatched = false }
        return WakeUps(writer: wokenWriter(), watch: isUnwatched)
    }

    private mutating func wokenWriter() -> Int? {
        guard !isWaking, let writer = idleWriters.popLast() else { return nil }
        isWaking = true
        return writer
    }

    /// What waits, up to the size of a unit; at least one POST when any waits. When none does, the writer is idle.
    mutating func takeUnit(for writer: Int, now: ContinuousClock.Instant) -> Unit {
        var unit = Unit(overdue: overdue(now: now))
        isWaking = false
        var rows = 0
        while let entry = queue.first {
            rows += entry.post.fixes.count
            guard unit.entries.isEmpty || rows <= configuration.rowsPerUnit else { break }
            unit.entries.append(entry)
            queue.removeFirst()
        }
        // One that was woken twice looks twice.
        if unit.entries.isEmpty, !idleWriters.contains(writer) { idleWriters.append(writer) }
        if !queue.isEmpty { unit.wakeUps.writer = wokenWriter() }
        return unit
    }

    /// Takes out who has waited for too long.
    mutating func overdue(now: ContinuousClock.Instant) -> [Entry] {
        var overdue: [Entry] = []
        while let entry = queue.first, entry.since + configuration.maximumAge <= now {
            overdue.append(entry)
            queue.removeFirst()
        }
        return overdue
    }

    /// When to look for who has waited for too long; nil when nobody waits, and then `submitted` tells.
    mutating func nextLook() -> ContinuousClock.Instant? {
        isUnwatched = queue.isEmpty
        return queue.first.map { $0.since + configuration.maximumAge }
    }

    /// The store answered, be it that it refused the unit.
    mutating func unitSucceeded() {
        failures = 0
        storeFailure = nil
        refusesUntil = nil
        isTrying = false
    }

    /// A unit failed because the store is away.
    /// - Returns: who waits in vain: the breaker is open, and they would only wait for the same.
    mutating func unitFailed(_ error: StoreError, at now: ContinuousClock.Instant) -> [Entry] {
        failures += 1
        storeFailure = StoreFailure(error: error, at: now)
        isTrying = false
        guard failures >= configuration.failuresUntilOpen else { return [] }
        refusesUntil = now + configuration.openFor
        defer { queue.removeAll() }
        return Array(queue)
    }
}

/// Why a store is away, and when it said so.
package struct StoreFailure: Sendable, Equatable {
    package var error: StoreError
    package var at: ContinuousClock.Instant

    package init(error: StoreError, at: ContinuousClock.Instant) {
        self.error = error
        self.at = at
    }
}
