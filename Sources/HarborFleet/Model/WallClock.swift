internal import Glibc

/// Gives the time of day. Injected everywhere, so that tests can set it.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// The system's real-time clock.
package struct SystemWallClock: WallClock {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        // The kernel fills `time`, which lives on this stack frame; CLOCK_REALTIME cannot fail.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000)
    }
}
