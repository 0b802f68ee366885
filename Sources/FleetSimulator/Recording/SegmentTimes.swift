import HarborFleet

/// The points of a segment, and which of their times fit together.
struct SegmentTimes {
    private(set) var points: [RecordedPoint]
    /// In milliseconds, by point; nil where there is none.
    private(set) var times: [Int64?]
    /// The times that fit together, by point; nil for a point without.
    private(set) var usable: [Int64?]

    /// - Parameters:
    ///   - leapCost: of `RisingTimes`.
    ///   - latest: a later time does not fit.
    init(_ points: [RecordedPoint], _ times: [Int64?], leapCost: Int, latest: Timestamp) {
        self.points = points
        self.times = times
        let candidates = times.map { $0.flatMap { $0 <= latest.milliseconds ? $0 : nil } }
        var kept = RisingTimes.kept(of: candidates.compactMap(\.self), leapCost: leapCost).makeIterator()
        usable = candidates.map { time in time.flatMap { kept.next() == true ? $0 : nil } }
    }

    /// A segment as it stands in the file. Up to a tenth of it may be dated by a receiver that did not know the date yet.
    /// - Parameter latest: a later time does not fit.
    init(_ points: [RecordedPoint], latest: Timestamp) {
        let times = points.map { $0.time?.milliseconds }
        self.init(points, times, leapCost: max(1, times.count { $0 != nil } / 10), latest: latest)
    }

    /// Takes out the stretches of points whose times fit together too, only not here: a later drive that stands first.
    ///
    /// Both a stretch and what stays must be more than a tenth of the points, else they are single wrong times.
    mutating func takeMisplacedStretches() -> [[RecordedPoint]] {
        let fewest = max(3, points.count / 10) + 1
        let kept = usable.compactMap(\.self)
        guard kept.count >= fewest, let first = kept.first, let last = kept.last else { return [] }
        // Half a year, not a day: what stands first may be the drive of another week.
        let near = (first &- RisingTimes.halfYearMilliseconds)...(last &+ RisingTimes.halfYearMilliseconds)
        let stretches = unusableStretches().filter { stretch in
            stretch.count >= fewest && times[stretch].allSatisfy { $0.map(near.contains) ?? false }
        }
        defer { remove(stretches) }
        return stretches.map { Array(points[$0]) }
    }

    /// Neighbours that all have a time, none of which is usable.
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
