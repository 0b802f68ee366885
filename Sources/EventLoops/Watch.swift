/// A loop's watch of a descriptor. Touched on its loop only.
///
/// It must be cancelled before the descriptor is closed, because the number may be reused a moment later.
package final class Watch {
    let fileDescriptor: CInt
    let token: UInt64
    private(set) var interest: Interest
    /// The handler and `loop` are released at the end of the watch, because the handler often holds the object
    /// that holds the watch. They are not weak, because a weak reference makes every other reference to the
    /// same object slower.
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

    /// Changes the interest. It makes a system call only if the interest differs from before, or with `renewing`.
    /// - Parameter renewing: asks the kernel to report again what the descriptor is already ready for. A watch of
    ///   `.edges` needs it when its handler stops before it has read or written everything.
    package func update(_ interest: Interest, renewing: Bool = false) {
        guard interest != self.interest || renewing else { return }
        self.interest = interest
        loop?.update(self)
    }

    /// Ends the watch. Its handler will not be called again. Does nothing when the watch has ended.
    package func cancel() {
        loop?.cancel(self)
        forget()
    }

    /// Ends the watch of a descriptor that its only owner closes at once. The close removes it from the epoll set,
    /// which saves a system call per connection: see epoll(7), "Will closing a file descriptor cause it to be removed
    /// from all epoll interest lists?" A child process that is being started may hold a copy until its exec; events of
    /// that copy find no watch and are ignored.
    package func cancelBeforeClose() {
        loop?.forget(self)
        forget()
    }

    fileprivate func forget() {
        loop = nil
        handler = nil
    }
}

/// The watches of one loop, by token. A token consists of a slot and the slot's generation. So an event of an ended
/// watch that the kernel has already delivered does not reach the next watch of the slot.
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

    /// Frees the token's slot.
    /// - Returns: whether the token was valid.
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

    /// Ends all watches, after their loop has ended.
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
