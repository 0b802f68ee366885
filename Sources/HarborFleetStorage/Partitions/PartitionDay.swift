package import HarborFleet

/// A UTC day of fixes, as the number of days since 1970-01-01.
package struct PartitionDay: Hashable, Comparable, Sendable {
    private static let milliseconds: Int64 = 86_400_000

    package let daysSince1970: Int
}

extension PartitionDay {
    /// The day that contains `time`.
    package init(of time: Timestamp) {
        let (quotient, remainder) = time.milliseconds.quotientAndRemainder(dividingBy: Self.milliseconds)
        daysSince1970 = Int(quotient) - (remainder < 0 ? 1 : 0)
    }

    /// Parses the name of a partition; nil for any other name.
    package init?(tableName: String) {
        let digits = Array(tableName.utf8.dropFirst(6))
        guard tableName.hasPrefix("fixes_"), digits.count == 8 else { return nil }
        let date = [digits[0..<4], digits[4..<6], digits[6..<8]].map { String(decoding: $0, as: UTF8.self) }
        guard let start = Timestamp(rfc3339: date.joined(separator: "-") + "T00:00:00Z") else { return nil }
        self.init(of: start)
    }

    /// The start of the day.
    package var start: Timestamp {
        Timestamp(milliseconds: Int64(daysSince1970) &* Self.milliseconds)
    }
    package var next: PartitionDay { PartitionDay(daysSince1970: daysSince1970 + 1) }
    /// `YYYY-MM-DD`.
    package var text: String { String(start.rfc3339.prefix(10)) }

    /// `fixes_YYYYMMDD`.
    var tableName: String { "fixes_" + text.split(separator: "-").joined() }
    /// The start of the day in SQL. The offset is written out, because a bound without one is read in the session's
    /// time zone.
    var bound: String { text + " 00:00:00+00" }

    package static func < (left: Self, right: Self) -> Bool { left.daysSince1970 < right.daysSince1970 }
}
