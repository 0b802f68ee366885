/// Parses and formats RFC 3339 times (section 5.6). It accepts any offset and any fraction, and writes UTC with
/// milliseconds.
package enum RFC3339 {
    /// The length of a formatted time in bytes.
    package static let encodedLength = 24

    /// Parses a time that fills `bytes`, as milliseconds since 1970. The fraction is truncated to milliseconds. A leap
    /// second (`:60`) is refused, because the clocks that it is compared with have none.
    /// - Returns: nil when the bytes are not such a time, or the calendar has no such day.
    package static func milliseconds(_ bytes: Span<UInt8>) -> Int64? {
        // The shortest time is like 2026-11-20T17:00:00Z.
        guard bytes.count >= 20, let date = date(bytes), let time = timeOfDay(bytes) else { return nil }
        var position = 19
        guard let fraction = fraction(bytes, &position), let offset = offset(bytes, &position),
            position == bytes.count
        else { return nil }
        let seconds = date.daysSince1970 &* 86_400 &+ time &- offset
        return Int64(seconds &* 1000 &+ fraction)
    }

    /// Parses a time that fills `text`; see `milliseconds(_: Span)`.
    package static func milliseconds(_ text: String) -> Int64? {
        milliseconds(Array(text.utf8).span)
    }

    /// Appends a time such as `2026-11-20T17:00:00.123Z`. A time outside the years 0000 to 9999 is written as the
    /// nearest time within them.
    /// - Parameter milliseconds: the milliseconds since 1970.
    package static func append(milliseconds: Int64, to output: inout [UInt8]) {
        let clamped = min(max(milliseconds, earliest), latest)
        let day = clamped >= 0 ? clamped / 86_400_000 : (clamped &- 86_399_999) / 86_400_000
        let inDay = Int(clamped &- day &* 86_400_000)
        let date = CivilDate(daysSince1970: Int(day))
        appendPair(date.year / 100, to: &output)
        appendPair(date.year % 100, to: &output)
        append(0x2D, date.month, to: &output)
        append(0x2D, date.day, to: &output)
        append(0x54, inDay / 3_600_000, to: &output)
        append(0x3A, inDay / 60_000 % 60, to: &output)
        append(0x3A, inDay / 1000 % 60, to: &output)
        output.append(0x2E)
        output.append(0x30 &+ UInt8(truncatingIfNeeded: inDay % 1000 / 100))
        appendPair(inDay % 100, to: &output)
        output.append(0x5A)
    }

    /// The text that `append` writes.
    package static func text(milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedLength)
        append(milliseconds: milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let earliest: Int64 = -62_167_219_200_000
    private static let latest: Int64 = 253_402_300_799_999

    private static func append(_ separator: UInt8, _ value: Int, to output: inout [UInt8]) {
        output.append(separator)
        appendPair(value, to: &output)
    }

    private static func appendPair(_ value: Int, to output: inout [UInt8]) {
        output.append(0x30 &+ UInt8(truncatingIfNeeded: value / 10))
        output.append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
    }
}

extension RFC3339 {
    /// Parses full-date at the start of `bytes`, which must have at least 20 bytes.
    private static func date(_ bytes: Span<UInt8>) -> CivilDate? {
        guard bytes[4] == 0x2D, bytes[7] == 0x2D,
            let century = pair(bytes, at: 0), let yearOfCentury = pair(bytes, at: 2),
            let month = pair(bytes, at: 5), let day = pair(bytes, at: 8)
        else { return nil }
        return CivilDate(year: century &* 100 &+ yearOfCentury, month: month, day: day)
    }

    /// Parses partial-time after the date, without its fraction, as seconds.
    private static func timeOfDay(_ bytes: Span<UInt8>) -> Int? {
        guard bytes[10] | 0x20 == 0x74, bytes[13] == 0x3A, bytes[16] == 0x3A,
            let hour = pair(bytes, at: 11), let minute = pair(bytes, at: 14),
            let second = pair(bytes, at: 17), hour < 24, minute < 60, second < 60
        else { return nil }
        return hour &* 3600 &+ minute &* 60 &+ second
    }

    /// Parses time-secfrac as milliseconds. It is 0 when there is none; nil when no digit follows the point.
    private static func fraction(_ bytes: Span<UInt8>, _ position: inout Int) -> Int? {
        guard position < bytes.count, bytes[position] == 0x2E else { return 0 }
        position &+= 1
        let start = position
        var milliseconds = 0
        var weight = 100
        while position < bytes.count, let digit = digit(bytes[position]) {
            milliseconds &+= digit &* weight
            weight /= 10
            position &+= 1
        }
        return position > start ? milliseconds : nil
    }

    /// Parses time-offset, as the seconds that it is ahead of UTC.
    private static func offset(_ bytes: Span<UInt8>, _ position: inout Int) -> Int? {
        guard position < bytes.count else { return nil }
        let sign = bytes[position]
        position &+= 1
        if sign | 0x20 == 0x7A { return 0 }
        guard sign == 0x2B || sign == 0x2D, bytes.count &- position == 5, bytes[position &+ 2] == 0x3A,
            let hours = pair(bytes, at: position), let minutes = pair(bytes, at: position &+ 3),
            hours < 24, minutes < 60
        else { return nil }
        position &+= 5
        let seconds = hours &* 3600 &+ minutes &* 60
        return sign == 0x2B ? seconds : 0 &- seconds
    }

    private static func pair(_ bytes: Span<UInt8>, at position: Int) -> Int? {
        guard let tens = digit(bytes[position]), let ones = digit(bytes[position &+ 1]) else { return nil }
        return tens &* 10 &+ ones
    }

    private static func digit(_ byte: UInt8) -> Int? {
        let value = byte &- 0x30
        return value < 10 ? Int(value) : nil
    }
}
