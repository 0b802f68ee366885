import HarborFleet

/// Puts the segments of a recording in the order of their times, and remembers what was changed.
struct SegmentOrder: Equatable, Sendable {
    private var isChanged = false
    private var turned = Examples()
    private var overlapping = Examples()

    /// Joins segments: one without any time is added to the segment before it, or to the first one that has a
    /// time.
    static func joined(_ segments: [[RecordedPoint]]) -> [[RecordedPoint]] {
        var isAnyTimed = false
        return segments.reduce(into: []) { joined, segment in
            let isTimed = segment.contains { $0.time != nil }
            if joined.isEmpty || isTimed && isAnyTimed {
                joined.append(segment)
            } else {
                joined[joined.count - 1] += segment
            }
            isAnyTimed = isAnyTimed || isTimed
        }
    }

    /// Reverses a segment in which more steps go back in time than forward.
    mutating func oldestFirst(_ segment: [RecordedPoint]) -> [RecordedPoint] {
        let times = segment.compactMap(\.time)
        let steps = zip(times, times.dropFirst())
        guard let first = segment.first, steps.count(where: >) > steps.count(where: <) else { return segment }
        turned.add("line \(first.line)")
        return segment.reversed()
    }

    /// The entries of all segments by time; equal times stay in the order of the file.
    mutating func merged(_ segments: [[RecordingTimeline.Entry]]) -> [RecordingTimeline.Entry] {
        let segments = segments.filter { !$0.isEmpty }
        let ordered = segments.sorted { $0[0] < $1[0] }
        isChanged = ordered != segments
        for (earlier, later) in zip(ordered, ordered.dropFirst())
        where later[0].milliseconds < earlier[earlier.count - 1].milliseconds {
            overlapping.add("line \(later[0].point.line)")
        }
        return ordered.joined().sorted(by: <)
    }

    /// Sentences for people; empty when the file is in order.
    var sentences: [String] {
        [
            turned.count > 0 ? "reversed the segments that were newest first: \(turned.list)" : nil,
            isChanged ? "put the segments in the order of their times" : nil,
            overlapping.count > 0
                ? "merged the segments that begin before the one before them ends: \(overlapping.list)" : nil,
        ].compactMap(\.self)
    }
}
