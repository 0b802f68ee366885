internal import Supervision

/// Decides which caller gets which connection, which callers wait, and when a lost connection is made again. A
/// value: no libpq, no clock.
///
/// A circuit breaker protects everything. It opens when no connection is left and none could be made, or when a
/// statement that probes the database got no response. While it is open, every caller is refused at once, and a
/// single slot tries to connect, after waits that double (half open). Its success closes the breaker, and the other
/// slots connect.
///
/// A session keeps the settings that the database and the role gave it at its start. One that may be stale
/// (`PostgresConnection.staleness`) stays in use, because it can still read. Meanwhile a scout, a connection
/// besides the slots, finds out with back-off whether a new session accepts writes. When one does, all sessions
/// that may be stale are replaced, one after the other.
struct PoolState: Equatable {
    typealias Slot = Int
    typealias WaiterID = UInt64

    enum SlotState: Equatable {
        /// Not running, or waiting for its next attempt. Next: connecting.
        case down
        /// Next: idle, leased, down.
        case connecting
        /// Next: leased, down.
        case idle
        /// Next: idle, leased to the next waiter, down.
        case leased
    }

    /// The next actions of the driver, in this order.
    enum Action: Equatable {
        /// - isChecked: whether the connection counts as connected only after a statement on it got a response.
        case connect(Slot, isChecked: Bool)
        /// Calls `retryDue` later. There is one such timer at a time.
        case retryLater(after: Duration)
        case lease(Slot, to: WaiterID)
        /// Too many callers are waiting already.
        case refuse(WaiterID)
        /// The waiter has reached its time limit.
        case expire(WaiterID)
        /// The circuit breaker is open.
        case failUnavailable(WaiterID)
        case close(Slot)
        case failClosed(WaiterID)
        /// Calls `scoutDue` later. There is one such timer at a time.
        case scoutLater(after: Duration)
        /// Makes a connection besides the slots, calls `scouted`, and closes the connection.
        case scout
    }

    /// The result of a scout.
    enum Scouted: Equatable {
        /// A new session accepts writes.
        case writable
        case readOnly
        /// No connection could be made.
        case failed
        /// The server has no room for another connection.
        case noRoom
        /// The scout got an old session of a pooler, and ended it. The next one may be new.
        case endedOld
    }

    let maximumWaiting: Int
    /// Between two attempts to connect.
    static let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(3))
    /// Between two scouts. They detect within 2 s that the database accepts writes again.
    static let scoutBackoff = Backoff(initial: .milliseconds(100), maximum: .seconds(2))
    /// Between two scouts when there are only suspects. While their error persists, all sessions are renewed after
    /// each such wait.
    static let suspectBackoff = Backoff(initial: .milliseconds(100), maximum: .seconds(60))
    var slots: [SlotState]
    private(set) var waiters: [WaiterID] = []
    private(set) var isRunning = false
    /// Whether the circuit breaker is open.
    private(set) var isOpen = false
    /// How often the breaker opened.
    private(set) var openings = 0
    /// The number of consecutive failed attempts.
    private(set) var failures = 0
    private var isRetryPlanned = false
    /// The slots whose session may be stale.
    var stale: Set<Slot> = []
    /// Those stale slots that are only suspects.
    var suspects: Set<Slot> = []
    /// The slots whose session waits to be replaced because a scout found that new sessions are better. They stay
    /// in use.
    var outdated: Set<Slot> = []
    /// Whether a scout is in progress or planned.
    var isScouting = false
    /// Whether the planned scout is for suspects only, and so may be far in the future.
    var isScoutPatient = false
    /// The number of consecutive scouts.
    var scouts = 0
    /// The number of a pooler's old sessions that were ended in a row.
    var ended = 0

    init(size: Int, maximumWaiting: Int) {
        slots = Array(repeating: .down, count: max(size, 1))
        self.maximumWaiting = maximumWaiting
    }

    /// The number of open connections.
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

    /// Ends everything: waiters fail, and all connections are closed, including those in use.
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

    /// The time for the next attempt has come.
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

    /// A connect failed, or an open connection was lost.
    /// - Parameters:
    ///   - wasShort: whether the connection was lost so soon after it was made that an immediate new attempt would
    ///     be a busy loop.
    ///   - jitter: a random number in 0..<1.
    mutating func lost(_ slot: Slot, wasShort: Bool = false, jitter: Double) -> [Action] {
        guard isRunning, slots[slot] != .down else { return [] }
        let hasFailed = slots[slot] == .connecting
        slots[slot] = .down
        forget(slot)
        // Of several attempts in progress, only the last one to end decides.
        guard !slots.contains(.connecting) else { return [] }
        if hasFailed || wasShort { failures += 1 }
        guard failures > 0 || isOpen else { return connectAll() }
        let refused = hasFailed && connectedCount == 0 ? open() : []
        return refused + retry(jitter)
    }

    /// An open connection got no response in time. The others would get none either, and a successful connect
    /// proves nothing when a PgBouncer accepts it.
    /// - Returns: nothing when the breaker is already open.
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

    /// A waiter has reached its time limit.
    mutating func expired(_ waiter: WaiterID) -> [Action] {
        withdrawn(waiter) ? [.expire(waiter)] : []
    }

    /// A waiter was cancelled. Returns whether it was still waiting.
    mutating func withdrawn(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// A user returned its connection in a reusable state.
    /// - Parameter jitter: a random number in 0..<1.
    mutating func returned(_ slot: Slot, jitter: Double = 0) -> [Action] {
        guard isRunning, slots[slot] == .leased else { return [] }
        guard isOpen else { return isReplaceable(slot) ? replace(slot) : becameFree(slot) }
        forget(slot)
        // The connection is made again when the database responds, so the breaker never waits for a connection in
        // use.
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
