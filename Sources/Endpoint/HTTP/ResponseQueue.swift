internal import EventLoops

/// The responses of one connection that are not written yet, in the order of their requests (RFC 9112 section
/// 9.3.2): a reply that is ready waits for those before it.
struct ResponseQueue<Request, Reply> {
    private struct Slot {
        let request: Request
        /// Nil for what may take its time.
        let deadline: MonotonicInstant?
        var reply: Reply?
        /// Before this the response does not leave; nil for one that waits for nothing but its turn.
        var heldUntil: MonotonicInstant?
        var task: Task<Void, Never>?

        func isFree(at now: MonotonicInstant) -> Bool { heldUntil.map { $0 <= now } ?? true }
    }

    private var slots: [Slot] = []
    /// The number of the first slot; numbers rise by one.
    private var base: UInt64 = 0

    var isEmpty: Bool { slots.isEmpty }

    /// Appends a slot for a reply that comes later, and returns its number.
    mutating func reserve(_ request: Request, deadline: MonotonicInstant) -> UInt64 {
        slots.append(Slot(request: request, deadline: deadline))
        return base &+ UInt64(slots.count - 1)
    }

    /// Appends a reply that is ready but not first, or held.
    mutating func append(_ request: Request, _ reply: Reply, heldUntil: MonotonicInstant? = nil) {
        slots.append(Slot(request: request, deadline: nil, reply: reply, heldUntil: heldUntil))
    }

    /// Keeps the first slot for a response that is being written until `releaseFirst`: those behind it wait.
    mutating func hold(_ request: Request, _ task: Task<Void, Never>) {
        // The slot that it had until `popReady`, or a new one.
        if !slots.isEmpty { base &-= 1 }
        slots.insert(Slot(request: request, deadline: nil, task: task), at: 0)
    }

    /// Gives up the slot that is held.
    mutating func releaseFirst() {
        guard !slots.isEmpty else { return }
        slots.removeFirst()
        base &+= 1
    }

    /// Keeps the task that works on a reply, to cancel it.
    mutating func attach(_ task: Task<Void, Never>, to number: UInt64) {
        guard let index = index(of: number) else { return }
        slots[index].task = task
    }

    /// The request whose reply is still awaited; nil when it has been completed otherwise.
    func awaited(_ number: UInt64) -> Request? {
        guard let index = index(of: number), slots[index].reply == nil else { return nil }
        return slots[index].request
    }

    mutating func complete(_ number: UInt64, _ reply: Reply, heldUntil: MonotonicInstant? = nil) {
        guard let index = index(of: number), slots[index].reply == nil else { return }
        slots[index].reply = reply
        slots[index].heldUntil = heldUntil
        slots[index].task = nil
    }

    /// Whether `popReady` has a reply.
    func isFirstReady(at now: MonotonicInstant) -> Bool {
        guard let slot = slots.first, case .some = slot.reply else { return false }
        return slot.isFree(at: now)
    }

    /// Takes the first reply when it is ready and not held.
    mutating func popReady(at now: MonotonicInstant) -> (Request, Reply)? {
        guard let slot = slots.first, let reply = slot.reply, slot.isFree(at: now) else { return nil }
        releaseFirst()
        return (slot.request, reply)
    }

    /// When the first of the awaited replies is overdue.
    var earliestDeadline: MonotonicInstant? {
        slots.lazy.filter { $0.reply == nil }.compactMap(\.deadline).min()
    }

    /// Cancels what is overdue and returns the numbers, which are still to be completed.
    mutating func cancelOverdue(at now: MonotonicInstant) -> [UInt64] {
        var overdue: [UInt64] = []
        for index in slots.indices where slots[index].reply == nil {
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
