/// Who gets which connection, who waits, and when a lost connection is made again. A value: no libpq, no clock.
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
        case connect(Slot)
        case connectLater(Slot, after: Duration)
        case lease(Slot, to: WaiterID)
        /// Too many wait already.
        case refuse(WaiterID)
        /// The waiter waited for as long as it may.
        case expire(WaiterID)
        case close(Slot)
        case failClosed(WaiterID)
    }

    let maximumWaiting: Int
    let backoff: Backoff
    private(set) var slots: [SlotState]
    private(set) var waiters: [WaiterID] = []
    private(set) var isRunning = false
    /// Tries that failed in a row, over all slots.
    private(set) var failures = 0

    init(size: Int, maximumWaiting: Int, backoff: Backoff = Backoff()) {
        slots = Array(repeating: .down, count: max(size, 1))
        self.maximumWaiting = maximumWaiting
        self.backoff = backoff
    }

    /// How many connections are there.
    var connectedCount: Int { slots.count { $0 == .idle || $0 == .leased } }
    var leasedCount: Int { slots.count { $0 == .leased } }

    mutating func started() -> [Action] {
        guard !isRunning else { return [] }
        isRunning = true
        failures = 0
        slots = slots.map { _ in .connecting }
        return slots.indices.map { .connect($0) }
    }

    /// Ends all: waiters fail, connections close, those in use too.
    mutating func stopped() -> [Action] {
        isRunning = false
        let failed = waiters.map { Action.failClosed($0) }
        waiters = []
        let closed = slots.indices.filter { slots[$0] != .down }.map { Action.close($0) }
        slots = slots.map { _ in .down }
        return failed + closed
    }

    /// The time for the next try has come.
    mutating func retryDue(_ slot: Slot) -> [Action] {
        guard isRunning, slots[slot] == .down else { return [] }
        slots[slot] = .connecting
        return [.connect(slot)]
    }

    mutating func connected(_ slot: Slot) -> [Action] {
        guard isRunning else { return [.close(slot)] }
        failures = 0
        return becameFree(slot)
    }

    /// A connect failed, or a connection that was there is lost.
    /// - Parameter jitter: 0..<1, at random.
    mutating func lost(_ slot: Slot, jitter: Double) -> [Action] {
        guard isRunning, slots[slot] != .down else { return [] }
        if slots[slot] == .connecting { failures += 1 }
        slots[slot] = .down
        return [.connectLater(slot, after: backoff.delay(afterFailures: failures, jitter: jitter))]
    }

    mutating func requested(by waiter: WaiterID) -> [Action] {
        guard isRunning else { return [.failClosed(waiter)] }
        if let slot = slots.firstIndex(of: .idle) {
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
    mutating func returned(_ slot: Slot) -> [Action] {
        guard isRunning, slots[slot] == .leased else { return [] }
        return becameFree(slot)
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
