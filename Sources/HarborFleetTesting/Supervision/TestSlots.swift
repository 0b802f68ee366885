package import Supervision

/// How many servers the tests of one process run at a time. Tests begin all at once, and each loop of a server is a
/// thread, of which libdispatch makes 255 at most: a loop that gets none never starts, and its test waits for ever.
///
/// ```swift
/// await TestSlots.servers.acquire()
/// defer { TestSlots.servers.release() }
/// ```
package enum TestSlots {
    /// For servers with a loop or two.
    package static let servers = AsyncSemaphore(permits: 32)
}
