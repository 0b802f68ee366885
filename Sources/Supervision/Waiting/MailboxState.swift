/// What waits in a mailbox and who waits for it. Decides; `Mailbox` acts.
struct MailboxState<Message: Sendable, Waiter> {
    /// What a receiver does next.
    enum Reception {
        case deliver([Message])
        /// Nothing there yet: to be woken.
        case wait
        /// Closed and empty, cancelled, or displaced by a newer receiver.
        case end
    }

    let capacity: Int
    private(set) var messages: [Message] = []
    private(set) var dropped: UInt64 = 0
    private var isClosed = false
    private var newestReceiver: UInt64 = 0
    /// Always the newest receiver's.
    private var waiter: Waiter?

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// Takes a message in, or refuses and counts it. Returns whom to wake.
    mutating func sent(_ message: Message) -> (accepted: Bool, wake: Waiter?) {
        guard !isClosed, messages.count < capacity else {
            dropped &+= 1
            return (false, nil)
        }
        messages.append(message)
        return (true, takeWaiter())
    }

    /// A receiver came and displaces an older one. Returns its number and whom to wake.
    mutating func receiverCame() -> (receiver: UInt64, wake: Waiter?) {
        newestReceiver &+= 1
        return (newestReceiver, takeWaiter())
    }

    /// A receiver looks for messages. A cancelled one leaves them to whoever comes next.
    mutating func looked(_ receiver: UInt64, isCancelled: Bool) -> Reception {
        guard receiver == newestReceiver, !isCancelled else { return .end }
        guard messages.isEmpty else { return .deliver(takeAll()) }
        return isClosed ? .end : .wait
    }

    /// A receiver is about to wait; false when there is something for it to look at instead.
    mutating func waited(_ receiver: UInt64, isCancelled: Bool, _ waiter: Waiter) -> Bool {
        guard receiver == newestReceiver, !isCancelled, messages.isEmpty, !isClosed else { return false }
        self.waiter = waiter
        return true
    }

    /// A receiver's task was cancelled. Returns whom to wake.
    mutating func cancelled(_ receiver: UInt64) -> Waiter? {
        receiver == newestReceiver ? takeWaiter() : nil
    }

    /// No message is taken in any more. Returns whom to wake.
    mutating func closed() -> Waiter? {
        isClosed = true
        return takeWaiter()
    }

    /// All that waits, oldest first.
    mutating func takeAll() -> [Message] {
        let taken = messages
        messages = []
        return taken
    }

    private mutating func takeWaiter() -> Waiter? {
        defer { waiter = nil }
        return waiter
    }
}
