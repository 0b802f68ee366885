internal import EventLoops

/// Measures for how long a peer has been reading its output too slowly.
///
/// Each byte that the peer reads moves `since` forward by the time that the slowest rate allows for a byte, at most to
/// now. So a peer that reads a few bytes now and then cannot hold its connection for ever, and a fast reader may pause.
struct OutputStall {
    /// The slowest allowed rate. With 0, any byte that the peer reads resets the stall.
    var slowestBytesPerSecond: UInt32 = 0
    /// When the stall began; nil while no output waits.
    private(set) var since: MonotonicInstant?

    /// Output waits that the peer has not read.
    mutating func blocked(now: MonotonicInstant) {
        if since == nil { since = now }
    }

    /// The peer has read bytes, and more output waits.
    mutating func taken(_ bytes: Int, now: MonotonicInstant) {
        guard bytes > 0, let since else { return }
        guard slowestBytesPerSecond > 0 else {
            self.since = now
            return
        }
        let nanoseconds = UInt64(bytes) &* 1_000_000_000 / UInt64(slowestBytesPerSecond)
        self.since = min(MonotonicInstant(nanoseconds: since.nanoseconds &+ nanoseconds), now)
    }

    /// All output is sent.
    mutating func emptied() {
        since = nil
    }
}
