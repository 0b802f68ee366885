import Glibc

/// Reads the time of day.
enum UTCTime {
    /// The milliseconds since 1970, by the machine's clock.
    static func nowMilliseconds() -> Int64 {
        var time = timespec()
        // The pointer is ours for the call; CLOCK_REALTIME cannot fail.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)
    }
}
