import HarborFleet
import TextFormats

/// Reads times as recorders write them: ISO 8601, and forms close to it.
///
/// Beyond RFC 3339 it accepts: an offset as `+0000` or `+00`, no offset (both versions of GPX require UTC), a
/// space for the `T`, a comma before the fraction, no seconds, numbers of one digit, the basic form
/// `20260601T100000Z`, the end of a day as `24:00:00`, and a leap second.
struct RecordedTime {
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000

    private var rest: Substring.UTF8View

    private init(_ text: String) {
        rest = Substring(text).utf8
    }

    /// - Returns: nil when the text is not such a time, or not a day of the calendar.
    static func parse(_ text: String) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) { return time }
        var reader = RecordedTime(text)
        return reader.parse()
    }

    private mutating func parse() -> Timestamp? {
        guard let day = day() else { return nil }
        guard take("T") || take("t") || take(" ") else { return nil }
        while take(" ") {}
        guard let timeOfDay = timeOfDay() else { return nil }
        while take(" ") {}
        guard let offset = offset(), rest.isEmpty else { return nil }
        return Timestamp(milliseconds: Int64(day.daysSince1970) &* 24 &* Self.hour &+ timeOfDay &- offset)
    }

    private mutating func day() -> CivilDate? {
        guard let year = number(digits: 4...4) else { return nil }
        let isExtended = take("-")
        let digits = isExtended ? 1...2 : 2...2
        guard let month = number(digits: digits), take("-") == isExtended, let day = number(digits: digits)
        else { return nil }
        return CivilDate(year: Int(year), month: Int(month), day: Int(day))
    }

    /// Milliseconds since midnight.
    private mutating func timeOfDay() -> Int64? {
        guard let hours = number(digits: 1...2) else { return nil }
        let isExtended = take(":")
        let digits = isExtended ? 1...2 : 2...2
        guard let minutes = number(digits: digits) else { return nil }
        let hasSeconds = isExtended ? take(":") : !rest.isEmpty && Self.isDigit(rest.first)
        guard let seconds = hasSeconds ? number(digits: digits) : 0, let fraction = fraction() else {
            return nil
        }
        guard minutes < 60, seconds <= 60 else { return nil }
        let time = hours &* Self.hour &+ minutes &* Self.minute &+ seconds &* 1000 &+ fraction
        return hours < 24 || time == 24 &* Self.hour ? time : nil
    }

    /// Milliseconds; 0 without a fraction, nil when the decimal point has no digit after it.
    private mutating func fraction() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        let digits = rest.prefix { Self.isDigit($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        let firstThree = String(Substring(digits).prefix(3))
        return Int64(firstThree + String(repeating: "0", count: 3 - firstThree.count))
    }

    /// The milliseconds by which the clock is ahead of UTC.
    private mutating func offset() -> Int64? {
        if rest.isEmpty || take("Z") || take("z") || take("UTC") || take("GMT") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-"), let hours = number(digits: 2...2) else { return nil }
        guard !rest.isEmpty else { return (isAhead ? hours : -hours) &* Self.hour }
        _ = take(":")
        guard let minutes = number(digits: 2...2), hours < 24, minutes < 60 else { return nil }
        let offset = hours &* Self.hour &+ minutes &* Self.minute
        return isAhead ? offset : -offset
    }

    /// Reads the following digits, at most the upper bound of `digits`; nil when there are fewer than its lower
    /// bound.
    private mutating func number(digits: ClosedRange<Int>) -> Int64? {
        let taken = rest.prefix(digits.upperBound).prefix { Self.isDigit($0) }
        guard digits.contains(taken.count) else { return nil }
        rest = rest.dropFirst(taken.count)
        return Int64(Substring(taken))
    }

    private mutating func take(_ text: String) -> Bool {
        let expected = text.utf8
        guard rest.starts(with: expected) else { return false }
        rest = rest.dropFirst(expected.count)
        return true
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
}
