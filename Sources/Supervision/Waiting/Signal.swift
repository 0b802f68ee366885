/// Wakes one waiter. However often it is raised before the waiter looks, it wakes once.
///
/// ```swift
/// changes.raise()                    // any thread, never waits
/// while await changes.wait() { … }   // ends when the task is cancelled
/// ```
package final class Signal: Sendable {
    let raised = Mailbox<Void>(capacity: 1)

    /// A signal that is not raised.
    package init() {}

    /// Wakes the waiter, or the next one that comes.
    package func raise() { _ = raised.send(()) }

    /// Returns once the signal is raised, and lowers it.
    ///
    /// - Returns: false when the task is cancelled, or a newer waiter came.
    package func wait() async -> Bool { await raised.receive() != nil }
}
