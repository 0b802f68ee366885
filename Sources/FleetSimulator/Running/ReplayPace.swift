import HarborFleet

/// Computes when each fix of a replay is due, at a multiple of the recording's own time.
///
/// A gap in the recording that exceeds the limit takes no time: the fix after it is due together with the fix
/// before it.
struct ReplayPace: Equatable {
    /// Ten years. A longer wait is shortened to this, because a clock cannot add an arbitrary number of seconds.
    private static let longestWaitMicroseconds = 3.15e14

    /// The time after the first fix at which each fix is due.
    private(set) var offsets: [Duration] = []
    /// The gaps that the replay skips.
    private(set) var skippedGaps = Examples()

    /// - Parameters:
    ///   - fixes: in time order.
    ///   - speed: how many times faster than real time, more than 0.
    ///   - longestGap: the limit, in the recording's time.
    init(_ fixes: [RecordedFix], speed: Double, longestGap: Duration) {
        var recordedMilliseconds = 0.0
        offsets.reserveCapacity(fixes.count)
        for (index, fix) in fixes.enumerated() {
            let gap = index == 0 ? .zero : fix.fix.recordedAt.since(fixes[index - 1].fix.recordedAt)
            if gap > longestGap {
                skippedGaps.add("\(Self.text(gap)) before \(fix.point.place)")
            } else {
                recordedMilliseconds += Double(gap.wholeMilliseconds)
            }
            let microseconds = min(recordedMilliseconds * 1000 / speed, Self.longestWaitMicroseconds)
            offsets.append(.microseconds(Int64(microseconds)))
        }
    }

    /// The first fix at or after `index` that is due later than `elapsed`; the number of fixes when there is
    /// none.
    func firstIndex(dueAfter elapsed: Duration, from index: Int) -> Int {
        offsets[index...].firstIndex { $0 > elapsed } ?? offsets.count
    }

    /// A gap in its two greatest units, such as `26 d 3 h`.
    private static func text(_ gap: Duration) -> String {
        var rest = gap.components.seconds
        let parts = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)].compactMap {
            unit, seconds -> String? in
            defer { rest %= Int64(seconds) }
            let count = rest / Int64(seconds)
            return count > 0 ? "\(count) \(unit)" : nil
        }
        return parts.isEmpty ? "less than 1 s" : parts.prefix(2).joined(separator: " ")
    }
}
