internal import HarborFleet

/// A UTC day of fixes, as days after 1970-01-01.
struct PartitionDay: Hashable, Comparable, Sendable {
    let daysSince1970: Int

    init(daysSince1970: Int) {
        self.daysSince1970 = daysSince1970
    }

    /// The day that `time` lies in.
    init(of time: Timestamp) {
        let (quotient, remainder) = time.milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        daysSince1970 = Int(quotient) - (remainder < 0 ? 1 : 0)
    }

    /// From a partition's name; nil for the name of anything else.
    init?(tableName: String) {
        let digits = Array(tableName.utf8.dropFirst(6))
        guard tableName.hasPrefix("fixes_"), digits.count == 8 else { return nil }
        let date = [digits[0..<4], digits[4..<6], digits[6..<8]].map { String(decoding: $0, as: UTF8.self) }
        guard let start = RFC3339.parse(date.joined(separator: "-") + "T00:00:00Z") else { return nil }
        self.init(of: start)
    }

    /// `fixes_YYYYMMDD`.
    var tableName: String { "fixes_" + digits(separator: "") }
    /// Its first moment, with the offset written out: a bound without is read in the session's time zone.
    var start: String { digits(separator: "-") + " 00:00:00+00" }
    var next: PartitionDay { PartitionDay(daysSince1970: daysSince1970 + 1) }

    static func < (left: Self, right: Self) -> Bool { left.daysSince1970 < right.daysSince1970 }

    private func digits(separator: String) -> String {
        let start = RFC3339.format(Timestamp(milliseconds: Int64(daysSince1970) &* 86_400_000))
        return start.prefix(10).split(separator: "-").joined(separator: separator)
    }
}

/// Which partitions are to be made and which dropped. A value.
struct PartitionPlan: Equatable {
    /// Days ahead that exist already, so that a server that runs on without its keeper can still write.
    static let daysAhead = 7

    let missing: [PartitionDay]
    let expired: [PartitionDay]

    /// - Parameters:
    ///   - attached: the days that have an attached partition.
    ///   - retentionDays: how long a fix is kept; a fix that old may lie in the middle of a day, hence that day too.
    init(attached: Set<PartitionDay>, now: Timestamp, retentionDays: Int) {
        let today = PartitionDay(of: now).daysSince1970
        let first = today - min(max(retentionDays, 1), 36_500)
        let wanted = (first...(today + Self.daysAhead)).map(PartitionDay.init(daysSince1970:))
        missing = wanted.filter { !attached.contains($0) }
        expired = attached.filter { $0.daysSince1970 < first }.sorted()
    }
}
