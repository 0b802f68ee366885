/// The two clocks of a loop: the time of its current turn, and the time that its peers have had.
///
/// Sometimes a loop does not run although it should: its process is stopped (SIGSTOP, a debugger, a machine that
/// sleeps), or one of its turns lasts for seconds. It cannot hear its peers then, so that time must not count against
/// their deadlines.
struct LoopTime {
    /// The shortest gap that moves the peers' clock: 1 s. A shorter one does not matter for their deadlines.
    private static let leastLateness: UInt64 = 1_000_000_000

    /// The time at which the current turn began.
    private(set) var now: MonotonicInstant
    /// The total time in which the loop should have run but did not, in nanoseconds.
    private var lateness: UInt64 = 0

    init(now: MonotonicInstant) {
        self.now = now
    }

    /// `now` without the time in which the loop did not run.
    var peerNow: MonotonicInstant { MonotonicInstant(nanoseconds: now.nanoseconds &- lateness) }

    /// When `peerNow` will be `instant`. If the loop is late again before that, the result is too early.
    func instant(ofPeerTime instant: MonotonicInstant) -> MonotonicInstant {
        instant.advanced(byNanoseconds: lateness)
    }

    /// A turn begins.
    /// - Parameter milliseconds: the longest time that the wait before it could last. Negative means without limit: no
    ///   timer was armed then, so no deadline can have passed.
    mutating func turnBegan(at instant: MonotonicInstant, afterWaiting milliseconds: CInt) {
        let gap = instant > now ? instant.nanoseconds &- now.nanoseconds : 0
        now = instant
        guard milliseconds >= 0 else { return }
        let expected = UInt64(milliseconds) &* 1_000_000
        guard gap >= expected, gap &- expected >= Self.leastLateness else { return }
        lateness &+= gap &- expected
    }
}
