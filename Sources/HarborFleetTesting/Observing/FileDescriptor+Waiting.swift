internal import Glibc
internal import Processes

extension FileDescriptor {
    /// Blocks until there is something to read, or the deadline has passed.
    /// - Returns: whether there is something to read.
    borrowing func waitUntilReadable(until deadline: ContinuousClock.Instant) -> Bool {
        var watched = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        while ContinuousClock.now < deadline {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            // The kernel writes into the entry during the call. A signal ends the call early.
            if unsafe poll(&watched, 1, CInt(clamping: Int64(left.rounded(.up)))) > 0 { return true }
        }
        return false
    }
}
