import Glibc

/// Wall-clock time as text and number.
enum UTCTime {
    /// Milliseconds since 1970, from the machine's clock.
    static func nowMilliseconds() -> Int64 {
        var time = timespec()
        // The pointer is ours for the call; CLOCK_REALTIME cannot fail.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)
    }

    /// Appends RFC 3339 with milliseconds, `2026-11-20T17:00:00.123Z`; years 0 to 9999.
    static func append(milliseconds: Int64, to bytes: inout [UInt8]) {
        let day = floorDivide(milliseconds, 86_400_000)
        let inDay = milliseconds - day * 86_400_000
        let (year, month, dayOfMonth) = civil(day: day)
        append(year, digits: 4, then: "-", to: &bytes)
        append(month, digits: 2, then: "-", to: &bytes)
        append(dayOfMonth, digits: 2, then: "T", to: &bytes)
        append(inDay / 3_600_000, digits: 2, then: ":", to: &bytes)
        append(inDay / 60_000 % 60, digits: 2, then: ":", to: &bytes)
        append(inDay / 1000 % 60, digits: 2, then: ".", to: &bytes)
        append(inDay % 1000, digits: 3, then: "Z", to: &bytes)
    }

    /// Days since 1970 to the proleptic Gregorian calendar, by eras of 400 years (H. Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func append(
        _ value: Int64, digits: Int, then separator: Unicode.Scalar, to bytes: inout [UInt8]
    ) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
        bytes.append(UInt8(ascii: separator))
    }
}
