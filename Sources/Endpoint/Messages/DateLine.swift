internal import EventLoops
internal import Glibc
internal import HTTP1

/// A loop's `Date` header line, encoded once a second.
struct DateLine {
    private var bytes: [UInt8] = []
    /// Increases with each new line, so that a cache can see that the line has changed.
    private(set) var second: UInt64 = 0
    private var validUntil = MonotonicInstant(nanoseconds: 0)

    /// The line as of `now`, with its line end.
    mutating func line(at now: MonotonicInstant) -> [UInt8] {
        if now >= validUntil { renew(now) }
        return bytes
    }

    private mutating func renew(_ now: MonotonicInstant) {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        second &+= 1
        bytes = HTTPDate(unixSeconds: Int64(time.tv_sec)).fieldLine
        validUntil = now.advanced(by: .nanoseconds(1_000_000_000 - Int64(time.tv_nsec)))
    }
}
