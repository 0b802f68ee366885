/// How much time a loop has not run though it should have: its process was stopped (SIGSTOP, a debugger, a machine
/// that slept), or one of its turns lasted for seconds.
///
/// Meanwhile it heard none of its peers, so that nothing may be held against them for that time.
struct Lateness {
    /// Less is no reason to change anybody's deadline: 1 s.
    private static let least: UInt64 = 1_000_000_000

    /// All of it so far.
    private(set) var nanoseconds: UInt64 = 0

    /// A turn begins.
    /// - Parameters:
    ///   - previous: when the turn before it began.
    ///   - milliseconds: how long the wait between the two might last; negative without an end, when no timer was
    ///     armed and so no deadline can have passed.
    mutating func turnBegan(
        at now: MonotonicInstant, previous: MonotonicInstant, afterWaiting milliseconds: CInt
    ) {
        guard milliseconds >= 0, now > previous else { return }
        let expected = UInt64(milliseconds) &* 1_000_000
        let gap = now.nanoseconds &- previous.nanoseconds
        guard gap >= expected, gap &- expected >= Self.least else { return }
        nanoseconds &+= gap &- expected
    }
}
