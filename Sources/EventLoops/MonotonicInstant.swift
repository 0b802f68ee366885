internal import Glibc

/// A point on the monotonic clock (`CLOCK_MONOTONIC`), for measuring and scheduling; it says nothing about
/// the time of day.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start, the machine's boot on Linux.
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Reads the clock (about 20 ns: the call does not enter the kernel).
    package static func read() -> MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later; a negative duration gives this instant.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        advanced(byNanoseconds: duration.wholeNanoseconds)
    }

    /// As `advanced(by:)`, but cheaper, for hot paths; see `nanoseconds(since:)`.
    package func advanced(byNanoseconds count: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds &+ count)
    }

    /// The first instant after this one whose nanoseconds are a multiple of `period`; this instant for a period of 0.
    package func next(multipleOf period: UInt64) -> MonotonicInstant {
        guard period > 0 else { return self }
        return MonotonicInstant(nanoseconds: (nanoseconds / period &+ 1) &* period)
    }

    /// How long after `earlier` this is; zero when it is not after.
    package func since(_ earlier: MonotonicInstant) -> Duration {
        .nanoseconds(nanoseconds(since: earlier))
    }

    /// As `since`, but cheaper, for hot paths: a Duration has 128 bits, and it takes a hundred instructions to
    /// convert it.
    package func nanoseconds(since earlier: MonotonicInstant) -> Int64 {
        nanoseconds > earlier.nanoseconds ? Int64(clamping: nanoseconds &- earlier.nanoseconds) : 0
    }
}

extension Duration {
    /// The duration in nanoseconds. A negative duration gives 0. A duration of more than 9,000,000,000 seconds (285
    /// years) gives that many.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 9_000_000_000 else { return 9_000_000_000_000_000_000 }
        return UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds) / 1_000_000_000
    }
}

/// The CPU time of the calling thread (`CLOCK_THREAD_CPUTIME_ID`).
enum CPUClock {
    /// Reads the clock (about 200 ns: the call enters the kernel).
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
