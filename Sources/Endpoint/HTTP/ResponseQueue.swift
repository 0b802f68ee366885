internal import EventLoops

/// The answers of one connection that are not written yet, in the order of their requests (RFC 9112 section
/// 9.3.2): an answer that is ready waits for those before it.
struct AnswerQueue<Exchange, Answer> {
    private struct Slot {
        let exchange: Exchange
        /// Nil for what may take its time.
        let deadline: MonotonicInstant?
        var answer: Answer?
        /// Before this the answer does not leave; nil for one that waits for nothing but its turn.
        var heldUntil: MonotonicInstant?
        var task: Task<Void, Never>?

        func isFree(at now: MonotonicInstant) -> Bool { heldUntil.map { $0 <= now } ?? true }
    }

    private var slots: [Slot] = []
    /// The number of the first slot; numbers rise by one.
    private var base: UInt64 = 0

    var isEmpty: Bool { slots.isEmpty }
    var count: Int { slots.count }

    /// Appends a place for an answer that comes later, and returns its number.
    mutating func reserve(_ exchange: Exchange, deadline: MonotonicInstant) -> UInt64 {
        slots.append(Slot(exchange: exchange, deadline: deadline))
        return base &+ UInt64(slots.count - 1)
    }

    /// Appends an answer that is ready but not first, or held.
    mutating func append(_ exchange: Exchange, _ answer: Answer, heldUntil: MonotonicInstant? = nil) {
        slots.append(Slot(exchange: exchange, deadline: nil, answer: answer, heldUntil: heldUntil))
    }

    /// Keeps the first place for an answer that is being written until `releaseFirst`: those behind it wait.
    mutating func hold(_ exchange: Exchange, _ task: Task<Void, Never>) {
        // The place that it had until `popReady`, or a new one.
        if !slots.isEmpty { base &-= 1 }
        slots.insert(Slot(exchange: exchange, deadline: nil, task: task), at: 0)
    }

    /// Gives up the place that is held.
    mutating func releaseFirst() {
        guard !slots.isEmpty else { return }
        slots.removeFirst()
        base &+= 1
    }

    /// Remembers who works on an answer, to cancel it.
    mutating func attach(_ task: Task<Void, Never>, to number: UInt64) {
        guard let index = index(of: number) else { return }
        slots[index].task = task
    }

    /// The exchange whose answer is still awaited; nil when it has been answered otherwise.
    func awaited(_ number: UInt64) -> Exchange? {
        guard let index = index(of: number), slots[index].answer == nil else { return nil }
        return slots[index].exchange
    }

    mutating func complete(_ number: UInt64, _ answer: Answer, heldUntil: MonotonicInstant? = nil) {
        guard let index = index(of: number), slots[index].answer == nil else { return }
        slots[index].answer = answer
        slots[index].heldUntil = heldUntil
        slots[index].task = nil
    }

    /// Whether `popReady` has an answer.
    func isFirstReady(at now: MonotonicInstant) -> Bool {
        guard let slot = slots.first, case .some = slot.answer else { return false }
        return slot.isFree(at: now)
    }

    /// Takes the first answer when it is ready and not held.
    mutating func popReady(at now: MonotonicInstant) -> (Exchange, Answer)? {
        guard let slot = slots.first, let answer = slot.answer, slot.isFree(at: now) else { return nil }
        slots.removeFirst()
        base &+= 1
        return (slot.exchange, answer)
    }

    /// When the first of the awaited answers is overdue.
    var earliestDeadline: MonotonicInstant? {
        slots.lazy.filter { $0.answer == nil }.compactMap(\.deadline).min()
    }

    /// Cancels what is overdue and returns the numbers, which are still to be completed.
    mutating func cancelOverdue(at now: MonotonicInstant) -> [UInt64] {
        var overdue: [UInt64] = []
        for index in slots.indices where slots[index].answer == nil {
            guard let deadline = slots[index].deadline, deadline <= now else { continue }
            slots[index].task?.cancel()
            overdue.append(base &+ UInt64(index))
        }
        return overdue
    }

    /// Cancels and forgets everything.
    mutating func removeAll() {
        for slot in slots { slot.task?.cancel() }
        base &+= UInt64(slots.count)
        slots = []
    }

    private func index(of number: UInt64) -> Int? {
        guard number >= base, number - base < UInt64(slots.count) else { return nil }
        return Int(number - base)
    }
}
