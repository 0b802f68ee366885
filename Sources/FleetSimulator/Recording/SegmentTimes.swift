import HarborFleet

/// The points of a segment, and which of their times fit together.
struct SegmentTimes {
    private(set) var points: [RecordedPoint]
    /// In milliseconds, by point; nil for a point without a time.
    private(set) var times: [Int64?]
    /// The times that fit together, by point; nil for any other point.
    private(set) var usable: [Int64?]

    /// - Parameters:
    ///   - leapCost: the cost of a leap, see `RisingTimes`.
    ///   - latest: later times do not fit.
    init(_ points: [RecordedPoint], _ times: [Int64?], leapCost: Int, latest: Timestamp) {
        self.points = points
        self.times = times
        let candidates = times.map { $0.flatMap { $0 <= latest.milliseconds ? $0 : nil } }
        var kept = RisingTimes.kept(of: candidates.compactMap(\.self), leapCost: leapCost).makeIterator()
        usable = candidates.map { time in time.flatMap { kept.next() == true ? $0 : nil } }
    }

    /// A segment as it is in the file. Up to a tenth of it may have wrong dates from a receiver that did not
    /// know the date yet.
    /// - Parameter latest: later times do not fit.
    init(_ points: [RecordedPoint], latest: Timestamp) {
        let times = points.map { $0.time?.milliseconds }
        self.init(points, times, leapCost: max(1, times.count { $0 != nil } / 10), latest: latest)
    }

    /// Removes stretches of points whose times fit together, but not at their place: a later drive that is
    /// stored first.
    ///
    /// A stretch and the rest must both be more than a tenth of the points; a shorter stretch counts as single
    /// wrong times.
    mutating func takeMisplacedStretches() -> [[RecordedPoint]] {
        let fewest = max(3, points.count / 10) + 1
        let kept = usable.compactMap(\.self)
        guard kept.count >= fewest, let first = kept.first, let last = kept.last else { return [] }
        // Half a year, not a day: the stretch may be a drive from another week.
        let near = (first &- RisingTimes.halfYearMilliseconds)...(last &+ RisingTimes.halfYearMilliseconds)
        let stretches = unusableStretches().filter { stretch in
            stretch.count >= fewest && times[stretch].allSatisfy { $0.map(near.contains) ?? false }
        }
        defer { remove(stretches) }
        return stretches.map { Array(points[$0]) }
    }

    /// Ranges of neighbours that all have a time, none of which is usable.
    private func unusableStretches() -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        for index in points.indices where usable[index] == nil && times[index] != nil {
            if let last = stretches.last, last.upperBound == index {
                stretches[stretches.count - 1] = last.lowerBound..<(index + 1)
            } else {
                stretches.append(index..<(index + 1))
            }
        }
        return stretches
    }

    private mutating func remove(_ stretches: [Range<Int>]) {
        for stretch in stretches.reversed() {
            points.removeSubrange(stretch)
            times.removeSubrange(stretch)
            usable.removeSubrange(stretch)
        }
    }
}
