package import Supervision

/// Limits the servers that the tests of one process run at a time. All tests begin at once, and each loop of a
/// server is a thread, of which libdispatch makes at most 255: a loop without a thread never starts, and its
/// test waits forever.
///
/// ```swift
/// await TestSlots.servers.acquire()
/// defer { TestSlots.servers.release() }
/// ```
package enum TestSlots {
    /// For servers with one or two loops.
    package static let servers = AsyncSemaphore(permits: 32)
}
