internal import DequeModule
package import StoreCache

/// The decisions of the recorder. Pure: `Waiter` is whatever resumes the caller.
struct RecorderState<Waiter: Sendable>: Sendable {
    /// A POST that waits for its batch.
    struct Entry: Sendable {
        let post: PendingPost
        let waiter: Waiter
        /// The deadline of the POST.
        let deadline: ContinuousClock.Instant
    }

    /// The tasks to wake: at most one writer, and the watch for overdue POSTs.
    struct WakeUps: Equatable {
        var writer: Int?
        var watch = false
    }

    /// A batch that a writer is working on. Its POSTs get their results in order: a split batch continues with its
    /// first half, and POSTs are sorted by deadline, so an overdue POST comes first.
    private struct UnderWay {
        let entries: [Entry]
        let startedAt: ContinuousClock.Instant
        /// The index of the first POST that has no result yet.
        var next = 0
    }

    /// The next work of a writer. If `entries` is empty, the writer only waits for its signal.
    struct Unit: Sendable {
        /// Identifies the batch until `unitEnded`.
        var number: UInt64 = 0
        var entries: [Entry] = []
        /// POSTs that have waited too long.
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
    /// The number of POSTs that wait for a batch.
    var waiting: Int { queue.count }
    private var isOpen = false
    private var run: UInt64 = 0
    /// The batches in progress, by number. A batch of an abandoned run may still be in progress beside those of the
    /// next run.
    private var underWay: [UInt64: UnderWay] = [:]
    private var lastUnit: UInt64 = 0
    /// Why and when the store last failed to write a batch; nil when it has responded since.
    private(set) var storeFailure: StoreFailure?
    /// Not nil while the breaker is open: until then it refuses every POST, and afterwards one POST may try.
    private var refusesUntil: ContinuousClock.Instant?
    /// Whether that one POST is in progress.
    private var isTrying = false
    /// The writers that wait for their signal.
    private var idleWriters: [Int] = []
    /// A writer has been woken and has not looked yet. It takes everything that arrives meanwhile.
    private var isWaking = false
    /// When the watch next looks for overdue POSTs; nil when no look is planned.
    private var watchedUntil: ContinuousClock.Instant?

    init(_ configuration: RecorderConfiguration) {
        self.configuration = configuration
    }

    /// - Returns: the run's number, for `stopped`.
    @discardableResult
    mutating func started() -> UInt64 {
        isOpen = true
        run &+= 1
        idleWriters = []
        isWaking = false
        watchedUntil = nil
        unitSucceeded()
        return run
    }

    /// Ends a run. An abandoned run may end after the next one has started; it then must not affect it.
    /// - Returns: the POSTs that must be refused because no writer will take them.
    mutating func stopped(_ run: UInt64) -> [Entry] {
        guard run == self.run else { return [] }
        isOpen = false
        return emptied()
    }

    private mutating func emptied() -> [Entry] {
        // An array made of an empty deque writes to the storage that all empty arrays share. It writes the value
        // that is already there, but two threads doing so at once are still a data race.
        guard !queue.isEmpty else { return [] }
        defer { queue.removeAll() }
        return Array(queue)
    }

    /// Reserves room for a POST. Returns nil when the room is reserved.
    mutating func roomWanted(rows: Int, bytes: Int, now: ContinuousClock.Instant) -> Refusal? {
        guard isOpen else { return .closed }
        if let refusesUntil, isTrying || now < refusesUntil { return .breakerOpen }
        // A POST that alone exceeds the limits is still admitted while no other POST is.
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

    /// Returns the room of a POST.
    mutating func roomReturned(rows: Int, bytes: Int) {
        self.rows -= rows
        self.bytes -= bytes
        posts -= 1
        // The POST that was chosen to try may have been released without being submitted.
        if posts == 0 { isTrying = false }
    }

    /// - Returns: the tasks to wake; nil when the recorder is closed and no writer would ever take the POST.
    mutating func submitted(_ entry: Entry) -> WakeUps? {
        guard isOpen else { return nil }
        // Nearly always the last place: only a POST that had to look something up has an earlier deadline than
        // others in the queue.
        var place = queue.endIndex
        while place > queue.startIndex, queue[place - 1].deadline > entry.deadline { place -= 1 }
        queue.insert(entry, at: place)
        let isWatched = watchedUntil.map { $0 <= entry.deadline } ?? false
        if !isWatched { watchedUntil = entry.deadline }
        return WakeUps(writer: wokenWriter(), watch: !isWatched)
    }

    private mutating func wokenWriter() -> Int? {
        guard !isWaking, hasRoomForAUnit, let writer = idleWriters.popLast() else { return nil }
        isWaking = true
        return writer
    }

    private var hasRoomForAUnit: Bool { underWay.count < max(configuration.unitsInFlight, 1) }

    /// Takes what waits, up to the size of a batch, but at least one POST if any waits. The writer becomes idle
    /// when none waits, or when the maximum number of batches is in progress.
    mutating func takeUnit(for writer: Int, now: ContinuousClock.Instant) -> Unit {
        var unit = Unit(overdue: overdue(now: now, left: configuration.shortestUnit))
        isWaking = false
        var rows = 0
        while hasRoomForAUnit, let entry = queue.first {
            rows += entry.post.fixes.count
            guard unit.entries.isEmpty || rows <= configuration.rowsPerUnit else { break }
            unit.entries.append(entry)
            queue.removeFirst()
        }
        // A writer that was woken twice looks twice, and must not be listed twice.
        if unit.entries.isEmpty, !idleWriters.contains(writer) { idleWriters.append(writer) }
        if !unit.entries.isEmpty { unit.number = begun(unit.entries, now: now) }
        if !queue.isEmpty { unit.wakeUps.writer = wokenWriter() }
        return unit
    }

    private mutating func begun(_ entries: [Entry], now: ContinuousClock.Instant) -> UInt64 {
        lastUnit &+= 1
        underWay[lastUnit] = UnderWay(entries: entries, startedAt: now)
        return lastUnit
    }

    /// Ends a batch: all of its POSTs have their results, and its writer is free.
    /// - Returns: the writer to wake, if any. While a batch of an abandoned run took up a place, a writer may have
    ///   left POSTs in the queue.
    mutating func unitEnded(_ number: UInt64) -> WakeUps {
        let wasFull = !hasRoomForAUnit
        underWay[number] = nil
        return WakeUps(writer: wasFull && !queue.isEmpty ? wokenWriter() : nil)
    }

    /// Removes from the queue the POSTs that are past their deadline, or have at most `left` to go.
    mutating func overdue(now: ContinuousClock.Instant, left: Duration = .zero) -> [Entry] {
        var overdue: [Entry] = []
        while let entry = queue.first, entry.deadline <= now + left {
            overdue.append(entry)
            queue.removeFirst()
        }
        return overdue
    }

    /// Returns the POSTs in batches in progress that are past their deadline. Their outcome is not known yet.
    ///
    /// If a batch itself has run for at least `longUnit`, the store counts as unavailable: the breaker opens, and
    /// the POSTs in the queue are returned too, because they would only wait for the same failure.
    mutating func lateInUnits(now: ContinuousClock.Instant) -> [Entry] {
        var late: [Entry] = []
        var isAway = false
        for (number, var unit) in underWay {
            let before = late.count
            while unit.next < unit.entries.count, unit.entries[unit.next].deadline <= now {
                late.append(unit.entries[unit.next])
                unit.next += 1
            }
            underWay[number] = unit
            if late.count > before, unit.startedAt + configuration.longUnit <= now { isAway = true }
        }
        return isAway ? late + unitFailed(Self.late, at: now) : late
    }

    /// The error of a statement that timed out.
    private static var late: StoreError {
        StoreError(.unavailable, detail: "the database does not respond: time-out")
    }

    /// When to look for overdue POSTs next; nil when no POST waits. In that case `submitted` wakes the watch.
    mutating func nextLook() -> ContinuousClock.Instant? {
        let waiting = underWay.values.compactMap { $0.next < $0.entries.count ? $0.entries[$0.next] : nil }
        watchedUntil = (waiting + [queue.first].compactMap(\.self)).map(\.deadline).min()
        return watchedUntil
    }

    /// Which POSTs of a part of a batch are worth trying.
    /// - Returns: the POSTs that have no result yet, and the latest of their deadlines; nil when all of them are
    ///   past their deadline.
    func worthTrying(_ part: Range<Int>, of number: UInt64, now: ContinuousClock.Instant) -> (
        part: Range<Int>, until: ContinuousClock.Instant
    )? {
        guard let unit = underWay[number] else { return nil }
        let rest = part.clamped(to: unit.next..<max(unit.next, part.upperBound))
        guard let last = unit.entries[rest].last, last.deadline > now else { return nil }
        return (rest, last.deadline)
    }

    /// Records that a part of a batch has its outcome.
    /// - Returns: the POSTs that have no result yet and get it now.
    mutating func settled(_ part: Range<Int>, of number: UInt64) -> Range<Int> {
        let next = underWay[number]?.next ?? part.upperBound
        underWay[number]?.next = max(next, part.upperBound)
        return part.clamped(to: next..<max(next, part.upperBound))
    }

    /// The store responded, even if it rejected the batch.
    mutating func unitSucceeded() {
        storeFailure = nil
        refusesUntil = nil
        isTrying = false
    }

    /// A batch failed because the store is unavailable.
    /// - Returns: the POSTs of the queue, which must be refused: the breaker is open, and they would only wait for
    ///   the same failure.
    mutating func unitFailed(_ error: StoreError, at now: ContinuousClock.Instant) -> [Entry] {
        storeFailure = StoreFailure(error: error, at: now)
        isTrying = false
        refusesUntil = now + configuration.openFor
        return emptied()
    }
}

/// The last failure of a store that is unavailable, and its time.
package struct StoreFailure: Sendable, Equatable {
    package var error: StoreError
    package var at: ContinuousClock.Instant

    package init(error: StoreError, at: ContinuousClock.Instant) {
        self.error = error
        self.at = at
    }
}
