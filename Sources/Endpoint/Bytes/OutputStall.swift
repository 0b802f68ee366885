internal import EventLoops

/// How long a peer has been taking its output too slowly.
///
/// Each byte that it takes makes up for the time that the slowest rate gives it, never for more than has gone by: a
/// reader of a few bytes now and then does not hold its connection for ever, and a fast one that pauses is forgiven.
struct OutputStall {
    /// 0 means that any byte makes up for everything.
    var slowestBytesPerSecond: UInt32 = 0
    /// nil while nothing waits.
    private(set) var since: MonotonicInstant?

    /// Something waits that the peer has not taken.
    mutating func blocked(now: MonotonicInstant) {
        if since == nil { since = now }
    }

    /// The peer has taken bytes; more waits.
    mutating func taken(_ bytes: Int, now: MonotonicInstant) {
        guard bytes > 0, let since else { return }
        guard slowestBytesPerSecond > 0 else {
            self.since = now
            return
        }
        let nanoseconds = UInt64(bytes) &* 1_000_000_000 / UInt64(slowestBytesPerSecond)
        self.since = min(MonotonicInstant(nanoseconds: since.nanoseconds &+ nanoseconds), now)
    }

    /// Nothing waits any more.
    mutating func emptied() {
        since = nil
    }
}
