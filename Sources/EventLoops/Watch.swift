/// A descriptor that a loop watches. Touched on its loop only.
///
/// Cancel it before the descriptor is closed: the number may be another descriptor's a moment later.
package final class Watch {
    let fileDescriptor: CInt
    let token: UInt64
    private(set) var interest: Interest
    /// Both are let go of at the end of the watch: the handler often holds what holds the watch. Not weak, because a
    /// weak reference makes every other reference to the same object slower.
    private(set) var handler: ((Readiness) -> Void)?
    private var loop: EventLoop?

    init(
        _ fileDescriptor: CInt, _ interest: Interest, token: UInt64, loop: EventLoop,
        handler: @escaping (Readiness) -> Void
    ) {
        self.fileDescriptor = fileDescriptor
        self.interest = interest
        self.token = token
        self.loop = loop
        self.handler = handler
    }

    /// Changes what to be told about. Costs a system call only when it differs from before, or with `renewing`, which
    /// asks to be told again of what the descriptor is ready for already: for a watch of `.edges` whose handler stopped
    /// before there was nothing left.
    package func update(_ interest: Interest, renewing: Bool = false) {
        guard interest != self.interest || renewing else { return }
        self.interest = interest
        loop?.update(self)
    }

    /// Ends the watch; its handler will not be called again. Harmless when it has ended.
    package func cancel() {
        loop?.cancel(self)
        forget()
    }

    /// Ends the watch of a descriptor that its one owner closes at once: the close takes it out of the epoll set
    /// (epoll(7), question 6), which saves a call per connection. Should a child that is being started hold a copy
    /// for the moment before its exec, events of it find no watch here.
    package func cancelBeforeClose() {
        loop?.forget(self)
        forget()
    }

    fileprivate func forget() {
        loop = nil
        handler = nil
    }
}

/// The watches of one loop, by token. A token holds a slot and the slot's generation, so that an event of an
/// ended watch that the kernel had already handed over does not reach the slot's next one.
struct WatchTable {
    private var watches: [Watch?] = []
    private var generations: [UInt32] = []
    private var free: [Int] = []

    mutating func reserve() -> UInt64 {
        if let slot = free.popLast() { return token(slot) }
        watches.append(nil)
        generations.append(0)
        return token(watches.count - 1)
    }

    mutating func insert(_ watch: Watch) {
        watches[slot(watch.token)] = watch
    }

    subscript(token: UInt64) -> Watch? {
        let slot = slot(token)
        guard slot < watches.count, generations[slot] == UInt32(truncatingIfNeeded: token >> 32) else {
            return nil
        }
        return watches[slot]
    }

    /// Frees the token's slot; says whether it was in use.
    mutating func release(_ token: UInt64) -> Bool {
        let slot = slot(token)
        guard slot < watches.count, generations[slot] == UInt32(truncatingIfNeeded: token >> 32) else {
            return false
        }
        watches[slot] = nil
        generations[slot] &+= 1
        free.append(slot)
        return true
    }

    /// Ends all watches, when their loop has ended.
    mutating func removeAll() {
        for watch in watches { watch?.forget() }
        self = WatchTable()
    }

    private func slot(_ token: UInt64) -> Int {
        Int(token & 0xFFFF_FFFF)
    }

    private func token(_ slot: Int) -> UInt64 {
        UInt64(generations[slot]) << 32 | UInt64(slot)
    }
}
