/// A point in time as HTTP writes it: IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
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
        let (year, month, day) = Self.civil(days)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text += Self.weekdays[Int(days - Self.floorDivide(days, 7) * 7)].utf8
        text += ", ".utf8
        Self.append(day, digits: 2, to: &text)
        text += " \(Self.months[month - 1]) ".utf8
        Self.append(year, digits: 4, to: &text)
        for (mark, part) in [(" ", second / 3600), (":", second / 60 % 60), (":", second % 60)] {
            text += mark.utf8
            Self.append(Int(part), digits: 2, to: &text)
        }
        text += " GMT".utf8
        return text
    }

    /// `Date: …` with its CRLF, to keep for a second and hand to `ResponseEncoder`.
    package var fieldLine: [UInt8] { Array("Date: ".utf8) + bytes + [ASCII.carriageReturn, ASCII.lineFeed] }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }

    /// Year, month and day of the proleptic Gregorian calendar, counted in eras of 400 years from 1 March 0000,
    /// where the leap day is a year's last.
    private static func civil(_ daysSince1970: Int64) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = floorDivide(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * shifted + 2) / 5 + 1))
    }

    private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : 10
        while divisor > 0 {
            text.append(ASCII.zero + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
