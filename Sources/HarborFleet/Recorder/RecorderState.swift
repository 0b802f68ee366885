internal import DequeModule
package import StoreCache

/// What the recorder decides. Pure: `Waiter` is whatever wakes the caller.
struct RecorderState<Waiter: Sendable>: Sendable {
    /// A POST that waits for its unit.
    struct Entry: Sendable {
        let post: PendingPost
        let waiter: Waiter
        /// When its time is over.
        let deadline: ContinuousClock.Instant
    }

    /// Whom to wake.
    struct WakeUps: Equatable {
        var writer: Int?
        var watch = false
    }

    /// A unit in the hands of a writer. Its POSTs get their answers in order: it is split into halves, the first half
    /// first, and who has waited for too long stands first.
    private struct UnderWay {
        let entries: [Entry]
        let startedAt: ContinuousClock.Instant
        /// The first that has no answer yet.
        var next = 0
    }

    /// What a writer is to do: nothing but wait for being woken when `entries` is empty.
    struct Unit: Sendable {
        /// Names it until `unitEnded`.
        var number: UInt64 = 0
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
    private var run: UInt64 = 0
    /// The units under way, by number: one of a run that was abandoned goes on beside the next run's.
    private var underWay: [UInt64: UnderWay] = [:]
    private var lastUnit: UInt64 = 0
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
    /// When somebody looks next for who waits for too long; nil: nobody does.
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

    /// A run has ended; one that was abandoned ends when there is another already, which it does not concern.
    /// - Returns: who waits in vain.
    mutating func stopped(_ run: UInt64) -> [Entry] {
        guard run == self.run else { return [] }
        isOpen = false
        return emptied()
    }

    private mutating func emptied() -> [Entry] {
        // An array made of an empty deque writes to the storage that all empty arrays share: the same that stands there,
        // but two threads at once are a race nevertheless.
        guard !queue.isEmpty else { return [] }
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
        // Nearly always the last: only a POST that had to look something up came before others.
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

    /// What waits, up to the size of a unit; at least one POST when any waits. When none does, or as many units are under
    /// way as may be, the writer is idle.
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
        // One that was woken twice looks twice.
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

    /// All of a unit's POSTs have their answers, and its writer is free.
    /// - Returns: whom to wake: while a run that was abandoned kept the place, a writer may have left something.
    mutating func unitEnded(_ number: UInt64) -> WakeUps {
        let wasFull = !hasRoomForAUnit
        underWay[number] = nil
        return WakeUps(writer: wasFull && !queue.isEmpty ? wokenWriter() : nil)
    }

    /// Takes out who has waited for too long, or has less than `left` to go.
    mutating func overdue(now: ContinuousClock.Instant, left: Duration = .zero) -> [Entry] {
        var overdue: [Entry] = []
        while let entry = queue.first, entry.deadline <= now + left {
            overdue.append(entry)
            queue.removeFirst()
        }
        return overdue
    }

    /// Who is in a unit and has waited for too long: what becomes of them nobody knows yet. When it is the unit that takes
    /// so long the store is away, so the breaker opens, and those who wait in the queue do so in vain.
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

    /// As a statement's time-out is told.
    private static var late: StoreError {
        StoreError(.unavailable, detail: "the database does not answer: time-out")
    }

    /// When to look for who has waited for too long; nil when nobody waits, and then `submitted` tells.
    mutating func nextLook() -> ContinuousClock.Instant? {
        let waiting = underWay.values.compactMap { $0.next < $0.entries.count ? $0.entries[$0.next] : nil }
        watchedUntil = (waiting + [queue.first].compactMap(\.self)).map(\.deadline).min()
        return watchedUntil
    }

    /// What of a part of a unit is worth trying.
    /// - Returns: whose POSTs have no answer yet, and until when the last of them may wait; nil when nobody may.
    func worthTrying(_ part: Range<Int>, of number: UInt64, now: ContinuousClock.Instant) -> (
        part: Range<Int>, until: ContinuousClock.Instant
    )? {
        guard let unit = underWay[number] else { return nil }
        let rest = part.clamped(to: unit.next..<max(unit.next, part.upperBound))
        guard let last = unit.entries[rest].last, last.deadline > now else { return nil }
        return (rest, last.deadline)
    }

    /// A part of a unit has its outcome.
    /// - Returns: whose POSTs have no answer yet; they get it now.
    mutating func settled(_ part: Range<Int>, of number: UInt64) -> Range<Int> {
        let next = underWay[number]?.next ?? part.upperBound
        underWay[number]?.next = max(next, part.upperBound)
        return part.clamped(to: next..<max(next, part.upperBound))
    }

    /// The store answered, be it that it refused the unit.
    mutating func unitSucceeded() {
        storeFailure = nil
        refusesUntil = nil
        isTrying = false
    }

    /// A unit failed because the store is away.
    /// - Returns: who waits in vain: the breaker is open, and they would only wait for the same.
    mutating func unitFailed(_ error: StoreError, at now: ContinuousClock.Instant) -> [Entry] {
        storeFailure = StoreFailure(error: error, at: now)
        isTrying = false
        refusesUntil = now + configuration.openFor
        return emptied()
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
