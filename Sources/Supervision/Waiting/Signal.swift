/// A flag that wakes one waiter. If it is raised several times before the waiter checks it, the waiter wakes once.
///
/// ```swift
/// changes.raise()                    // from any thread, never waits
/// while await changes.wait() { … }   // ends when the task is cancelled
/// ```
package final class Signal: Sendable {
    let raised = Mailbox<Void>(capacity: 1)

    /// Makes a signal that is not raised.
    package init() {}

    /// Wakes the waiter; without one, the next waiter returns at once.
    package func raise() { _ = raised.send(()) }

    /// Returns once the signal is raised, and lowers it.
    ///
    /// - Returns: false when the task is cancelled, or when a newer waiter displaces this one.
    package func wait() async -> Bool { await raised.receive() != nil }
}
