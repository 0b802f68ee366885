/// The messages of a mailbox and the receiver that waits for them. Decides; `Mailbox` acts.
struct MailboxState<Message: Sendable, Waiter> {
    /// What a receiver does next.
    enum Reception {
        case deliver([Message])
        /// There is no message yet: the receiver waits to be woken.
        case wait
        /// Closed and empty, cancelled, or displaced by a newer receiver.
        case end
    }

    let capacity: Int
    private(set) var messages: [Message] = []
    private var isClosed = false
    private var newestReceiver: UInt64 = 0
    /// Always the newest receiver's.
    private var waiter: Waiter?

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// Takes a message in, or refuses it. Returns the waiter to wake.
    mutating func sent(_ message: Message) -> (accepted: Bool, wake: Waiter?) {
        guard !isClosed, messages.count < capacity else { return (false, nil) }
        messages.append(message)
        return (true, takeWaiter())
    }

    /// A receiver came and displaces an older one. Returns its number and the waiter to wake.
    mutating func receiverCame() -> (receiver: UInt64, wake: Waiter?) {
        newestReceiver &+= 1
        return (newestReceiver, takeWaiter())
    }

    /// A receiver looks for messages. A cancelled one leaves them to the next receiver.
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

    /// A receiver's task was cancelled. Returns the waiter to wake.
    mutating func cancelled(_ receiver: UInt64) -> Waiter? {
        receiver == newestReceiver ? takeWaiter() : nil
    }

    /// The mailbox takes in no more messages. Returns the waiter to wake.
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
