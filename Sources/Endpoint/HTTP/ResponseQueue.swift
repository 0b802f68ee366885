internal import EventLoops

/// Queues the responses of one connection that are not written yet, in the order of their requests (RFC 9112 section
/// 9.3.2). A reply that is ready waits for those before it.
struct ResponseQueue<Request, Reply> {
    private struct Slot {
        let request: Request
        /// When the handler is overdue; nil for a reply that needs no deadline.
        let deadline: MonotonicInstant?
        var reply: Reply?
        /// The earliest time to send the response; nil when only the order matters.
        var heldUntil: MonotonicInstant?
        var task: Task<Void, Never>?

        func isFree(at now: MonotonicInstant) -> Bool { heldUntil.map { $0 <= now } ?? true }
    }

    private var slots: [Slot] = []
    /// The number of the first slot. Each next slot has the next number.
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

    /// Inserts a first slot for a response that is being streamed. Later responses wait until `releaseFirst`.
    mutating func hold(_ request: Request, _ task: Task<Void, Never>) {
        // The slots behind it must keep their numbers: this one takes the number before theirs, which it
        // had until `popReady`.
        if !slots.isEmpty { base &-= 1 }
        slots.insert(Slot(request: request, deadline: nil, task: task), at: 0)
    }

    /// Removes the first slot.
    mutating func releaseFirst() {
        guard !slots.isEmpty else { return }
        slots.removeFirst()
        base &+= 1
    }

    /// Stores the task that works on a reply, so that it can be cancelled.
    mutating func attach(_ task: Task<Void, Never>, to number: UInt64) {
        guard let index = index(of: number) else { return }
        slots[index].task = task
    }

    /// The request of a reply that is still awaited; nil when it has been completed or dropped.
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

    /// Cancels the tasks of overdue replies and returns their numbers. The caller must complete these.
    mutating func cancelOverdue(at now: MonotonicInstant) -> [UInt64] {
        var overdue: [UInt64] = []
        for index in slots.indices where slots[index].reply == nil {
            guard let deadline = slots[index].deadline, deadline <= now else { continue }
            slots[index].task?.cancel()
            overdue.append(base &+ UInt64(index))
        }
        return overdue
    }

    /// Cancels all tasks and drops all slots.
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
