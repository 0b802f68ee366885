internal import TextFormats

/// Formats a time for HTTP as IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
package struct HTTPDate: Sendable, Equatable {
    /// Seconds since 1970 UTC, within the years 0 to 9999.
    package let unixSeconds: Int64

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date at these seconds; clamped to the years 0 to 9999.
    package init(unixSeconds: Int64) {
        self.unixSeconds = min(max(unixSeconds, -62_167_219_200), 253_402_300_799)
    }

    /// The 29 bytes of the date.
    package var bytes: [UInt8] {
        let days = Self.floorDivide(unixSeconds, 86400)
        let second = unixSeconds - days * 86400
        let date = CivilDate(daysSince1970: Int(days))
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text += Self.weekdays[Int(days - Self.floorDivide(days, 7) * 7)].utf8
        text += ", ".utf8
        ResponseEncoder.appendNumber(date.day, minimumDigits: 2, to: &text)
        text += " \(Self.months[date.month - 1]) ".utf8
        ResponseEncoder.appendNumber(date.year, minimumDigits: 4, to: &text)
        for (mark, part) in [(" ", second / 3600), (":", second / 60 % 60), (":", second % 60)] {
            text += mark.utf8
            ResponseEncoder.appendNumber(Int(part), minimumDigits: 2, to: &text)
        }
        text += " GMT".utf8
        return text
    }

    /// The line `Date: …` with its CRLF, for `ResponseEncoder`. It stays correct for up to a second.
    package var fieldLine: [UInt8] { Array("Date: ".utf8) + bytes + [ASCII.carriageReturn, ASCII.lineFeed] }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }
}
