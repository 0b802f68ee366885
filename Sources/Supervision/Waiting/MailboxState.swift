/// The messages of a mailbox and the receiver that waits for them. It makes the decisions; `Mailbox` acts on them.
struct MailboxState<Message: Sendable, Waiter> {
    /// What a receiver must do next.
    enum Reception {
        case deliver([Message])
        /// There is no message yet: wait to be woken.
        case wait
        /// Return nil: the mailbox is closed and empty, or the receiver is cancelled or displaced by a newer one.
        case end
    }

    let capacity: Int
    private(set) var messages: [Message] = []
    private var isClosed = false
    private var newestReceiver: UInt64 = 0
    /// The waiter of the newest receiver; older ones are never kept.
    private var waiter: Waiter?

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// Accepts or refuses a message. Returns the waiter to wake.
    mutating func sent(_ message: Message) -> (accepted: Bool, wake: Waiter?) {
        guard !isClosed, messages.count < capacity else { return (false, nil) }
        messages.append(message)
        return (true, takeWaiter())
    }

    /// A receiver has called and displaces an older one. Returns its number and the waiter to wake.
    mutating func receiverCame() -> (receiver: UInt64, wake: Waiter?) {
        newestReceiver &+= 1
        return (newestReceiver, takeWaiter())
    }

    /// A receiver checks for messages. A cancelled one leaves them to the next receiver.
    mutating func looked(_ receiver: UInt64, isCancelled: Bool) -> Reception {
        guard receiver == newestReceiver, !isCancelled else { return .end }
        guard messages.isEmpty else { return .deliver(takeAll()) }
        return isClosed ? .end : .wait
    }

    /// A receiver is about to wait.
    /// - Returns: false when it must not wait but check again, because something has changed.
    mutating func waited(_ receiver: UInt64, isCancelled: Bool, _ waiter: Waiter) -> Bool {
        guard receiver == newestReceiver, !isCancelled, messages.isEmpty, !isClosed else { return false }
        self.waiter = waiter
        return true
    }

    /// A receiver's task was cancelled. Returns the waiter to wake.
    mutating func cancelled(_ receiver: UInt64) -> Waiter? {
        receiver == newestReceiver ? takeWaiter() : nil
    }

    /// The mailbox is closed. Returns the waiter to wake.
    mutating func closed() -> Waiter? {
        isClosed = true
        return takeWaiter()
    }

    private mutating func takeAll() -> [Message] {
        defer { messages = [] }
        return messages
    }

    private mutating func takeWaiter() -> Waiter? {
        defer { waiter = nil }
        return waiter
    }
}
