package import HarborFleet

/// The points of a recording that can be replayed, in time order, with their recorded distances in time.
package struct RecordingTimeline: Equatable, Sendable {
    /// A point and its time, by the recording's own clock.
    struct Entry: Equatable, Sendable, Comparable {
        var milliseconds: Int64
        var point: RecordedPoint

        /// Of two equal times the first one in the file is earlier.
        static func < (left: Self, right: Self) -> Bool {
            (left.milliseconds, left.point.line) < (right.milliseconds, right.point.line)
        }
    }

    private(set) var entries: [Entry] = []
    /// The points without a usable time: left out, or spaced evenly if an interval is assumed.
    private(set) var flawed = FlawedPoints()
    /// Records what was done to put the segments in order.
    private(set) var order = SegmentOrder()

    private let assumedIntervalMilliseconds: Int64?
    /// The number of further points that have the time of an entry, by that time.
    private var repetitions: [Int64: Int] = [:]

    /// Searches each segment for wrong times by itself, then merges all segments by time.
    /// - Parameters:
    ///   - segments: points in the order of the file.
    ///   - assumedIntervalMilliseconds: more than 0: the time by which a point without a usable, strictly rising
    ///     time is placed after the point before it. nil: such a point is left out.
    ///   - now: times more than a day later are wrong, unless half of all times are.
    /// - Throws: `SimulatorError.unusableRecording` when of several points not even two remain.
    package init(
        _ segments: [[RecordedPoint]], assumedIntervalMilliseconds: Int64?, now: Timestamp
    ) throws(SimulatorError) {
        self.assumedIntervalMilliseconds = assumedIntervalMilliseconds
        let latest = Self.latestTime(of: segments, now: now)
        var separate = SegmentOrder.joined(segments)
        var placed: [[Entry]] = []
        while placed.count < separate.count {
            var segment = SegmentTimes(order.oldestFirst(separate[placed.count]), latest: latest)
            separate += segment.takeMisplacedStretches()
            placed.append(place(segment))
        }
        let merged = order.merged(placed)
        // A segment from another year is no mistake, but a single point from another year is.
        let times = merged.map(\.milliseconds)
        entries = place(
            SegmentTimes(merged.map(\.point), times, leapCost: 1, latest: Timestamp(milliseconds: .max)))
        let count = segments.reduce(0) { $0 + $1.count }
        guard entries.count >= min(count, 2), !entries.isEmpty else { throw unusable }
    }

    /// The latest time that counts. If half of the times or more would be too late, there is no limit: then this
    /// machine's clock is wrong, or the recording was made for the future.
    private static func latestTime(of segments: [[RecordedPoint]], now: Timestamp) -> Timestamp {
        let times = segments.joined().compactMap(\.time)
        let latest = now.advanced(by: .seconds(86_400))
        return times.count { $0 > latest } * 2 < times.count ? latest : Timestamp(milliseconds: .max)
    }

    /// The number of points that are not sent.
    package var leftOut: Int { assumedIntervalMilliseconds == nil ? flawed.count : 0 }

    /// The changes to the points and to the order of the file, in sentences.
    package var notes: [String] {
        let isSpaced = assumedIntervalMilliseconds != nil
        let points = flawed.sentences.map { (isSpaced ? "spaced " : "left out ") + $0 }
        return order.sentences + points + (isSpaced ? [] : flawed.advice(interval: fittingInterval))
    }

    /// The greatest interval, in seconds, at which all points with one time fit before the next time: 0.1 for a
    /// recorder that writes ten points a second in whole seconds. nil without such points.
    private var fittingInterval: Double? {
        let intervals = zip(entries, entries.dropFirst()).compactMap { entry, next in
            repetitions[entry.milliseconds].map { (next.milliseconds &- entry.milliseconds) / Int64($0 + 1) }
        }
        return intervals.min().map { Double(max($0, 1)) / 1000 }
    }

    /// Gives each point a time after that of the point before it, or leaves it out.
    private mutating func place(_ segment: SegmentTimes) -> [Entry] {
        noteFlaws(segment)
        guard let interval = assumedIntervalMilliseconds else {
            return zip(segment.points, segment.usable).compactMap { point, time in
                time.map { Entry(milliseconds: $0, point: point) }
            }
        }
        return Self.spaced(segment.points, segment.usable, interval)
    }

    private mutating func noteFlaws(_ segment: SegmentTimes) {
        let usableTimes = Set(segment.usable.compactMap(\.self))
        for (index, point) in segment.points.enumerated() where segment.usable[index] == nil {
            let flaw: PointFlaw =
                if let time = segment.times[index] {
                    usableTimes.contains(time) ? .timeRepeated : .timeStray
                } else {
                    point.writtenTime == nil ? .timeMissing : .timeUnreadable
                }
            flawed.add(flaw, point.place)
            if flaw == .timeRepeated, let time = segment.times[index] { repetitions[time, default: 0] += 1 }
        }
    }

    /// Places points without a usable time `interval` after the point before; those at the start are placed
    /// before the first point that has one.
    private static func spaced(_ points: [RecordedPoint], _ times: [Int64?], _ interval: Int64) -> [Entry] {
        let firstIndex = times.firstIndex { $0 != nil }
        let first = firstIndex.flatMap { times[$0] } ?? 0
        var last = first &- Int64((firstIndex ?? 0) + 1) &* interval
        return zip(points, times).map { point, time in
            last = if let time, time > last { time } else { last &+ interval }
            return Entry(milliseconds: last, point: point)
        }
    }

    private var unusable: SimulatorError {
        let flaws = flawed.sentences.joined(separator: "; ")
        return .unusableRecording(
            "too few of its points have a usable time (\(flaws)); --assume-interval-s SECONDS spaces them evenly"
        )
    }
}
