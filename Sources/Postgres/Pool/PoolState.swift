internal import Supervision

/// Which caller gets which connection, which callers wait, and when a lost connection is made again. A value: no libpq,
/// no clock.
///
/// Around it all is a circuit breaker. It opens when no connection is left and none could be made, or when a
/// statement that tells whether the database answers got no answer. While it is open every caller is refused at
/// once, and one slot alone tries, after a wait that doubles (half open). Its success closes the breaker, and the
/// others connect.
///
/// A session keeps what database and role gave it at its start: one that may be stale (`PostgresConnection.staleness`)
/// serves on, since it can be read from, while a scout, a connection beside the slots, finds out with back-off whether a
/// new session takes writes. When one does, all that may be stale are replaced, one after the other.
struct PoolState: Equatable {
    typealias Slot = Int
    typealias WaiterID = UInt64

    enum SlotState: Equatable {
        /// Not running, or waiting for its next try. Next: connecting.
        case down
        /// Next: idle, leased, down.
        case connecting
        /// Next: leased, down.
        case idle
        /// Next: idle, leased to the next waiter, down.
        case leased
    }

    /// What the driver does next, in this order.
    enum Action: Equatable {
        /// - isChecked: it counts as connected only when it has answered a statement.
        case connect(Slot, isChecked: Bool)
        /// Says `retryDue` later. There is one such timer at a time.
        case retryLater(after: Duration)
        case lease(Slot, to: WaiterID)
        /// Too many wait already.
        case refuse(WaiterID)
        /// The waiter waited for as long as it may.
        case expire(WaiterID)
        /// The breaker is open.
        case failUnavailable(WaiterID)
        case close(Slot)
        case failClosed(WaiterID)
        /// Says `scoutDue` later. There is one such timer at a time.
        case scoutLater(after: Duration)
        /// Makes a connection beside the slots, says `scouted`, and closes it.
        case scout
    }

    /// What a scout found.
    enum Scouted: Equatable {
        /// A new session takes writes.
        case writable
        case readOnly
        /// No connection could be made.
        case failed
        /// The server has no room for one more.
        case noRoom
        /// It was given a pooler's old session, which it has ended. The next one may be new.
        case endedOld
    }

    let maximumWaiting: Int
    /// Between two tries to connect.
    static let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(3))
    /// Between two scouts: they find a database that takes writes again within 2 s.
    static let scoutBackoff = Backoff(initial: .milliseconds(100), maximum: .seconds(2))
    /// Between two scouts for suspects alone. While their error persists, all sessions are renewed after each such wait.
    static let suspectBackoff = Backoff(initial: .milliseconds(100), maximum: .seconds(60))
    var slots: [SlotState]
    private(set) var waiters: [WaiterID] = []
    private(set) var isRunning = false
    /// Whether the breaker is open.
    private(set) var isOpen = false
    /// Times that it opened.
    private(set) var openings = 0
    /// Tries that failed in a row.
    private(set) var failures = 0
    private var isRetryPlanned = false
    /// Slots whose session may be stale.
    var stale: Set<Slot> = []
    /// Of them those that are no more than suspects.
    var suspects: Set<Slot> = []
    /// Those that wait to be replaced, since a scout found that new ones are better. They serve on.
    var outdated: Set<Slot> = []
    /// Whether a scout is under way or planned.
    var isScouting = false
    /// Whether the planned scout is for suspects alone, and so may be far off.
    var isScoutPatient = false
    /// Scouts in a row.
    var scouts = 0
    /// Old sessions of a pooler's that were ended in a row.
    var ended = 0

    init(size: Int, maximumWaiting: Int) {
        slots = Array(repeating: .down, count: max(size, 1))
        self.maximumWaiting = maximumWaiting
    }

    /// How many connections are there.
    var connectedCount: Int { slots.count { $0 == .idle || $0 == .leased } }
    var leasedCount: Int { slots.count { $0 == .leased } }

    mutating func started() -> [Action] {
        guard !isRunning else { return [] }
        isRunning = true
        isOpen = false
        failures = 0
        isRetryPlanned = false
        (isScouting, isScoutPatient) = (false, false)
        (stale, suspects, outdated) = ([], [], [])
        return connectAll()
    }

    /// Ends all: waiters fail, connections close, those in use too.
    mutating func stopped() -> [Action] {
        isRunning = false
        let failed = waiters.map { Action.failClosed($0) }
        waiters = []
        let closed = slots.indices.filter { slots[$0] != .down }.map { Action.close($0) }
        slots = slots.map { _ in .down }
        (stale, suspects, outdated) = ([], [], [])
        return failed + closed
    }

    // MARK: Connections

    /// The time for the next try has come.
    mutating func retryDue() -> [Action] {
        isRetryPlanned = false
        guard isRunning, !slots.contains(.connecting), let slot = slots.firstIndex(of: .down) else {
            return []
        }
        slots[slot] = .connecting
        return [.connect(slot, isChecked: isOpen)]
    }

    mutating func connected(_ slot: Slot) -> [Action] {
        guard isRunning else { return [.close(slot)] }
        failures = 0
        isOpen = false
        return becameFree(slot) + connectAll() + replaceNext()
    }

    private mutating func connectAll() -> [Action] {
        let down = slots.indices.filter { slots[$0] == .down }
        for slot in down { slots[slot] = .connecting }
        return down.map { .connect($0, isChecked: false) }
    }

    /// A connect failed, or a connection that was there is lost.
    /// - Parameters:
    ///   - wasShort: whether it was lost so soon after it was made that making it again at once would only be busy.
    ///   - jitter: 0..<1, at random.
    mutating func lost(_ slot: Slot, wasShort: Bool = false, jitter: Double) -> [Action] {
        guard isRunning, slots[slot] != .down else { return [] }
        let hasFailed = slots[slot] == .connecting
        slots[slot] = .down
        forget(slot)
        // Of several tries under way the last one tells.
        guard !slots.contains(.connecting) else { return [] }
        if hasFailed || wasShort { failures += 1 }
        guard failures > 0 || isOpen else { return connectAll() }
        let refused = hasFailed && connectedCount == 0 ? open() : []
        return refused + retry(jitter)
    }

    /// A connection that is there got no answer in time: the others would get none either, and to connect proves nothing
    /// where a PgBouncer takes the connection.
    /// - Returns: nothing when the breaker is open already.
    mutating func gotNoAnswer(jitter: Double) -> [Action] {
        guard isRunning, !isOpen else { return [] }
        let given = slots.indices.filter { slots[$0] == .idle || slots[$0] == .connecting }
        for slot in given {
            slots[slot] = .down
            forget(slot)
        }
        return open() + given.map { .close($0) } + retry(jitter)
    }

    private mutating func open() -> [Action] {
        if !isOpen { openings += 1 }
        isOpen = true
        defer { waiters = [] }
        return waiters.map { .failUnavailable($0) }
    }

    private mutating func retry(_ jitter: Double) -> [Action] {
        guard !isRetryPlanned, slots.contains(.down), !slots.contains(.connecting) else { return [] }
        isRetryPlanned = true
        return [.retryLater(after: Self.backoff.delay(afterFailures: max(failures, 1), jitter: jitter))]
    }

    // MARK: Leases

    mutating func requested(by waiter: WaiterID) -> [Action] {
        guard isRunning else { return [.failClosed(waiter)] }
        guard !isOpen else { return [.failUnavailable(waiter)] }
        let current = slots.indices.first { slots[$0] == .idle && !outdated.contains($0) }
        if let slot = current ?? slots.firstIndex(of: .idle) {
            slots[slot] = .leased
            return [.lease(slot, to: waiter)]
        }
        guard waiters.count < maximumWaiting else { return [.refuse(waiter)] }
        waiters.append(waiter)
        return []
    }

    /// A waiter has waited for as long as it may.
    mutating func expired(_ waiter: WaiterID) -> [Action] {
        withdrawn(waiter) ? [.expire(waiter)] : []
    }

    /// A waiter gave up. Returns whether it still waited.
    mutating func withdrawn(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// A user gave its connection back, fit for the next.
    /// - Parameter jitter: 0..<1, at random.
    mutating func returned(_ slot: Slot, jitter: Double = 0) -> [Action] {
        guard isRunning, slots[slot] == .leased else { return [] }
        guard isOpen else { return isReplaceable(slot) ? replace(slot) : becameFree(slot) }
        forget(slot)
        // It is made again when the database answers: so the breaker never waits for a connection in use.
        slots[slot] = .down
        return [.close(slot)] + retry(jitter)
    }

    private mutating func becameFree(_ slot: Slot) -> [Action] {
        guard !waiters.isEmpty else {
            slots[slot] = .idle
            return []
        }
        slots[slot] = .leased
        return [.lease(slot, to: waiters.removeFirst())]
    }
}
