/// A timer of a loop, which can be cancelled. Touched on its loop only.
package final class ScheduledTimer {
    /// The tick at which it is due.
    fileprivate(set) var tick: UInt64
    fileprivate var action: (() -> Void)?
    /// Its position in the wheel; nil when it has fired or was cancelled.
    fileprivate var place: (slot: Int, index: Int)?
    /// Released when the timer has fired or was cancelled.
    private var loop: EventLoop?

    init(tick: UInt64, loop: EventLoop?, action: @escaping () -> Void) {
        self.tick = tick
        self.loop = loop
        self.action = action
    }

    /// Cancels the timer: its action will not run. Does nothing when it has run.
    package func cancel() {
        loop?.cancel(self)
        forget()
    }

    func fire() {
        let action = self.action
        forget()
        action?()
    }

    fileprivate func forget() {
        action = nil
        loop = nil
    }
}

/// A hierarchical timer wheel. Inserting and cancelling a timer take constant time, however many timers there are.
///
/// It has three rings of slots. A slot of the first ring covers 1 tick, of the second 256 ticks, of the third 16,384.
/// When time enters a slot of an outer ring, the slot's timers move to an inner ring. A timer beyond the last ring
/// waits in that ring's last slot and is placed again from there.
struct TimerWheel {
    private static let innerBits: UInt64 = 8
    private static let outerBits: UInt64 = 6
    private static let innerSlots = 1 << Int(innerBits)
    private static let outerSlots = 1 << Int(outerBits)
    /// The most timers for which an empty slot keeps its memory. A burst of timers moves through many slots, and each
    /// of them would keep memory for the whole burst for ever.
    static let keptRoom = 32

    private var slots: [[ScheduledTimer]]
    /// The last tick whose timers have fired.
    private(set) var current: UInt64
    private(set) var count = 0
    /// No timer is due before this tick. After a cancel it may be too early, which costs one useless wake-up.
    private(set) var earliest: UInt64?

    init(current: UInt64) {
        self.current = current
        slots = Array(repeating: [], count: Self.innerSlots + 2 * Self.outerSlots)
    }

    mutating func insert(_ timer: ScheduledTimer) {
        timer.tick = max(timer.tick, current &+ 1)
        place(timer)
        count += 1
        guard let slot = timer.place?.slot, let tick = wakeTick(ofSlot: slot) else { return }
        earliest = min(earliest ?? .max, tick)
    }

    mutating func cancel(_ timer: ScheduledTimer) {
        guard let place = timer.place else { return }
        timer.place = nil
        count -= 1
        let last = slots[place.slot].removeLast()
        guard last !== timer else { return emptied(place.slot) }
        slots[place.slot][place.index] = last
        last.place = place
    }

    /// Moves time to `tick` and returns the timers that are due, in the order of their ticks.
    mutating func advance(to tick: UInt64) -> [ScheduledTimer] {
        guard tick > current else { return [] }
        guard let first = earliest, first <= tick else {
            skip(to: tick)
            return []
        }
        skip(to: first &- 1)
        var due: [ScheduledTimer] = []
        while current < tick, count > 0 { step(into: &due) }
        current = max(current, tick)
        earliest = count == 0 ? nil : nextOccupied()
        return due
    }

    /// The number of timers for which memory is allocated; for tests.
    var room: Int { slots.reduce(0) { $0 + $1.capacity } }

    /// Drops all timers, after their loop has ended.
    mutating func removeAll() {
        for timer in slots.joined() { timer.forget() }
        self = TimerWheel(current: current)
    }

    /// Moves time to `tick`. No timer may be due and no timer may have to move before that.
    private mutating func skip(to tick: UInt64) {
        current = max(current, tick)
    }

    private mutating func step(into due: inout [ScheduledTimer]) {
        current &+= 1
        if current & ((1 << (Self.innerBits + Self.outerBits)) - 1) == 0 { cascade(Self.thirdSlot(current)) }
        if current & UInt64(Self.innerSlots - 1) == 0 { cascade(Self.secondSlot(current)) }
        let slot = Self.firstSlot(current)
        guard !slots[slot].isEmpty else { return }
        for timer in slots[slot] {
            timer.place = nil
            due.append(timer)
        }
        count -= slots[slot].count
        slots[slot].removeAll(keepingCapacity: slots[slot].capacity <= Self.keptRoom)
    }

    private mutating func cascade(_ slot: Int) {
        let timers = slots[slot]
        slots[slot].removeAll(keepingCapacity: slots[slot].capacity <= Self.keptRoom)
        for timer in timers { place(timer) }
    }

    /// A timer of the slot was cancelled: frees the memory of an empty slot.
    private mutating func emptied(_ slot: Int) {
        guard slots[slot].isEmpty, slots[slot].capacity > Self.keptRoom else { return }
        slots[slot] = []
    }

    private mutating func place(_ timer: ScheduledTimer) {
        let slot = self.slot(of: timer)
        timer.place = (slot, slots[slot].count)
        slots[slot].append(timer)
    }

    /// The slot for a timer. A timer that moves inwards at the tick at which it is due has distance 0. It still fires
    /// in time, because a step empties its slot of the first ring after the moves.
    private func slot(of timer: ScheduledTimer) -> Int {
        let distance = timer.tick &- current
        if distance < UInt64(Self.innerSlots) { return Self.firstSlot(timer.tick) }
        if distance < 1 << (Self.innerBits + Self.outerBits) { return Self.secondSlot(timer.tick) }
        let reach: UInt64 = (1 << (Self.innerBits + 2 * Self.outerBits)) - 1
        return Self.thirdSlot(current &+ min(distance, reach))
    }

    /// When a slot needs attention: at the tick of its timers, or at the tick at which they move inwards.
    private func wakeTick(ofSlot slot: Int) -> UInt64? {
        if slot < Self.innerSlots { return slots[slot].first?.tick }
        let outer = slot - Self.innerSlots
        return outer < Self.outerSlots
            ? nextTurn(index: outer, bits: Self.innerBits)
            : nextTurn(index: outer - Self.outerSlots, bits: Self.innerBits + Self.outerBits)
    }

    /// The next tick at which a ring whose slots last `1 << bits` ticks enters its slot `index`.
    private func nextTurn(index: Int, bits: UInt64) -> UInt64 {
        let now = current >> bits
        let distance = (UInt64(index) &- now) & UInt64(Self.outerSlots - 1)
        return (now &+ (distance == 0 ? UInt64(Self.outerSlots) : distance)) << bits
    }

    private func nextOccupied() -> UInt64? {
        var next: UInt64?
        for slot in slots.indices where !slots[slot].isEmpty {
            guard let tick = wakeTick(ofSlot: slot) else { continue }
            next = min(next ?? .max, tick)
        }
        return next
    }

    private static func firstSlot(_ tick: UInt64) -> Int {
        Int(tick & UInt64(innerSlots - 1))
    }

    private static func secondSlot(_ tick: UInt64) -> Int {
        innerSlots + Int((tick >> innerBits) & UInt64(outerSlots - 1))
    }

    private static func thirdSlot(_ tick: UInt64) -> Int {
        innerSlots + outerSlots + Int((tick >> (innerBits + outerBits)) & UInt64(outerSlots - 1))
    }
}
