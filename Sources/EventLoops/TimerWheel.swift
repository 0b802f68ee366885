/// A timer of a loop. Touched on its loop only.
package final class ScheduledTimer {
    /// The tick at which it is due.
    fileprivate(set) var tick: UInt64
    fileprivate var action: (() -> Void)?
    /// Where it stands in the wheel; nil when it has fired or was cancelled.
    fileprivate var place: (slot: Int, index: Int)?
    /// Let go of when the timer has fired or was cancelled.
    private var loop: EventLoop?

    init(tick: UInt64, loop: EventLoop?, action: @escaping () -> Void) {
        self.tick = tick
        self.loop = loop
        self.action = action
    }

    /// Takes the timer back: its action will not run. Harmless when it has run.
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

/// A hierarchical timer wheel: inserting and cancelling take constant time, however many timers there are.
///
/// Three rings of slots: the first holds one tick each, the second 256 ticks, the third 16,384. As time enters
/// a slot of an outer ring its timers move to an inner one. A timer beyond the last ring waits in its last slot
/// and is placed anew from there.
struct TimerWheel {
    private static let innerBits: UInt64 = 8
    private static let outerBits: UInt64 = 6
    private static let innerSlots = 1 << Int(innerBits)
    private static let outerSlots = 1 << Int(outerBits)
    /// Timers whose room an empty slot keeps. A burst leaves each slot that it comes by with room for all of it, which
    /// would never be given back.
    static let keptRoom = 32

    private var slots: [[ScheduledTimer]]
    /// The last tick whose timers have fired.
    private(set) var current: UInt64
    private(set) var count = 0
    /// No timer is due before this tick. May be too early after a cancel: then one wake-up finds nothing.
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

    /// Timers that there is room for, for tests.
    var room: Int { slots.reduce(0) { $0 + $1.capacity } }

    /// Forgets all timers, when their loop has ended.
    mutating func removeAll() {
        for timer in slots.joined() { timer.forget() }
        self = TimerWheel(current: current)
    }

    /// Nothing is due and nothing has to move between `current` and `tick`.
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

    /// A slot's last timer was cancelled.
    private mutating func emptied(_ slot: Int) {
        guard slots[slot].isEmpty, slots[slot].capacity > Self.keptRoom else { return }
        slots[slot] = []
    }

    private mutating func place(_ timer: ScheduledTimer) {
        let slot = self.slot(of: timer)
        timer.place = (slot, slots[slot].count)
        slots[slot].append(timer)
    }

    /// A timer that moves inwards at the very tick at which it is due has distance 0: the first ring is
    /// emptied after the move.
    private func slot(of timer: ScheduledTimer) -> Int {
        let distance = timer.tick &- current
        if distance < UInt64(Self.innerSlots) { return Self.firstSlot(timer.tick) }
        if distance < 1 << (Self.innerBits + Self.outerBits) { return Self.secondSlot(timer.tick) }
        let reach: UInt64 = (1 << (Self.innerBits + 2 * Self.outerBits)) - 1
        return Self.thirdSlot(current &+ min(distance, reach))
    }

    /// When the wheel has to turn for a slot: the tick of its timers, or the one at which they move inwards.
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
