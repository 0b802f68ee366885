import Synchronization

/// A bounded queue with one consumer, which receives all waiting messages at once.
///
/// Overflow policy: a full mailbox refuses new messages. Senders never wait.
///
/// ```swift
/// while let batch = await mailbox.receive() { handle(batch) }
/// ```
package final class Mailbox<Message: Sendable>: Sendable {
    private typealias State = MailboxState<Message, CheckedContinuation<Void, Never>>

    private let state: Mutex<State>

    /// Makes a mailbox for at most `capacity` (at least 1) waiting messages.
    package init(capacity: Int) { state = Mutex(State(capacity: capacity)) }

    /// Adds a message. It may be called from any thread.
    /// - Returns: false when the mailbox is full or closed.
    package func send(_ message: Message) -> Bool {
        let (accepted, wake) = state.withLock { $0.sent(message) }
        wake?.resume()
        return accepted
    }

    /// Returns all waiting messages, oldest first. If there are none, it waits for one.
    ///
    /// Returns nil when the mailbox is closed and empty, when the task is cancelled (the messages stay for the next
    /// receiver), or when a newer receiver has called: an abandoned consumer must not take its successor's messages.
    package func receive() async -> [Message]? {
        let (receiver, displaced) = state.withLock { $0.receiverCame() }
        displaced?.resume()
        return await withTaskCancellationHandler {
            await messages(for: receiver)
        } onCancel: {
            state.withLock { $0.cancelled(receiver) }?.resume()
        }
    }

    /// Refuses messages from now on. Those that wait can still be received.
    package func close() { state.withLock { $0.closed() }?.resume() }

    /// The number of waiting messages.
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

    /// Waits for a wake-up. Cancellation is checked under the lock: the task's flag is set before the cancellation
    /// handler runs, so either this function sees the flag, or the handler finds the waiter. No wake-up can be lost
    /// in between.
    private func arrival(for receiver: UInt64) async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock {
                $0.waited(receiver, isCancelled: Task.isCancelled, continuation)
            }
            if !waits { continuation.resume() }
        }
    }
}
