/// The time by which a loop goes: as of its turn, and as its peers have had it.
///
/// Peers have not had the time in which the loop did not run though it should have: its process was stopped (SIGSTOP, a
/// debugger, a machine that slept), or one of its turns lasted for seconds. The loop heard none of its peers then, so
/// nothing may be held against them for that time.
struct LoopTime {
    /// A shorter gap is no reason to change a deadline: 1 s.
    private static let leastLateness: UInt64 = 1_000_000_000

    /// As of this turn.
    private(set) var now: MonotonicInstant
    /// How long the loop has not run though it should have, in all.
    private var lateness: UInt64 = 0

    init(now: MonotonicInstant) {
        self.now = now
    }

    /// `now` without the time in which the loop did not run.
    var peerNow: MonotonicInstant { MonotonicInstant(nanoseconds: now.nanoseconds &- lateness) }

    /// When `peerNow` will be `instant`, unless the loop comes late before: then that is too early.
    func instant(ofPeerTime instant: MonotonicInstant) -> MonotonicInstant {
        instant.advanced(byNanoseconds: lateness)
    }

    /// A turn begins.
    /// - Parameter milliseconds: how long the wait before it might last; negative without an end, when no timer was armed
    ///   and so no deadline can have passed.
    mutating func turnBegan(at instant: MonotonicInstant, afterWaiting milliseconds: CInt) {
        let gap = instant > now ? instant.nanoseconds &- now.nanoseconds : 0
        now = instant
        guard milliseconds >= 0 else { return }
        let expected = UInt64(milliseconds) &* 1_000_000
        guard gap >= expected, gap &- expected >= Self.leastLateness else { return }
        lateness &+= gap &- expected
    }
}
