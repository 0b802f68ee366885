import Synchronization

/// A bounded queue with one consumer, which takes all waiting messages at once.
///
/// Overflow policy: refuse the newest. Senders never wait.
///
/// ```swift
/// while let batch = await mailbox.receive() { handle(batch) }
/// ```
package final class Mailbox<Message: Sendable>: Sendable {
    private typealias State = MailboxState<Message, CheckedContinuation<Void, Never>>

    private let state: Mutex<State>

    /// A mailbox for at most `capacity` (at least 1) waiting messages.
    package init(capacity: Int) { state = Mutex(State(capacity: capacity)) }

    /// Leaves a message; false when the mailbox is full or closed. Any thread.
    package func send(_ message: Message) -> Bool {
        let (accepted, wake) = state.withLock { $0.sent(message) }
        wake?.resume()
        return accepted
    }

    /// All waiting messages, oldest first; waits for a first one when there is none.
    ///
    /// Returns nil when the mailbox is closed and empty, when the task is cancelled (the messages stay for the next
    /// receiver), or when a newer receiver came: an abandoned consumer takes nothing from its successor.
    package func receive() async -> [Message]? {
        let (receiver, displaced) = state.withLock { $0.receiverCame() }
        displaced?.resume()
        return await withTaskCancellationHandler {
            await messages(for: receiver)
        } onCancel: {
            state.withLock { $0.cancelled(receiver) }?.resume()
        }
    }

    /// Refuses messages from now on; those that wait are still received.
    package func close() { state.withLock { $0.closed() }?.resume() }

    /// How many messages wait.
    package var count: Int { state.withLock { $0.messages.count } }

    private func messages(for receiver: UInt64) async -> [Message]? {
        while true {
            switch state.withLock({ $0.looked(receiver, isCancelled: Task.isCancelled) }) {
            case .deliver(let messages): return messages
            case .end: return nil
            case .wait: await arrival(for: receiver)
            }
        }
    }

    /// Cancellation is looked at under the lock: the task's flag is set before the cancellation handler runs,
    /// so either the flag is seen here or the handler finds the waiter. No wake-up falls between.
    private func arrival(for receiver: UInt64) async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock {
                $0.waited(receiver, isCancelled: Task.isCancelled, continuation)
            }
            if !waits { continuation.resume() }
        }
    }
}
