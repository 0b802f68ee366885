package import HarborFleet

/// The points of a recording that can be replayed, in time order, at distances in time that stay as recorded.
package struct RecordingTimeline: Equatable, Sendable {
    /// A point and its time, by the recording's own clock.
    package struct Entry: Equatable, Sendable {
        package var milliseconds: Int64
        package var point: RecordedPoint
    }

    package private(set) var entries: [Entry] = []
    /// Points whose time was missing or not behind that of the point before.
    package private(set) var leftOut = 0

    /// - Parameters:
    ///   - points: in the order of the file.
    ///   - assumedIntervalMilliseconds: more than 0: a point without a usable, strictly rising time is put so
    ///     far behind the one before it. nil: it is left out.
    /// - Throws: `SimulatorError.unusableRecording` when not even two of several points remain.
    package init(_ points: [RecordedPoint], assumedIntervalMilliseconds: Int64?) throws(SimulatorError) {
        entries.reserveCapacity(points.count)
        var earliest = assumedIntervalMilliseconds.flatMap { Self.begin(points, interval: $0) }
        for point in points {
            guard
                let time = Self.time(
                    of: point, notBefore: earliest, assumedIntervalMilliseconds, entries.last)
            else {
                leftOut += 1
                continue
            }
            earliest = nil
            entries.append(Entry(milliseconds: time, point: point))
        }
        guard entries.count >= min(points.count, 2), !entries.isEmpty else { throw Self.unusable(points) }
    }

    /// The recording as fixes of one vehicle, moved in time so that the last is at `end`.
    package func fixes(of vehicle: VehicleID, endingAt end: Timestamp) -> [Fix] {
        let last = entries.last?.milliseconds ?? 0
        return entries.map { entry in
            let point = entry.point
            return Fix(
                vehicleID: vehicle,
                recordedAt: Timestamp(milliseconds: end.milliseconds &- (last &- entry.milliseconds)),
                latitudeDegrees: point.latitudeDegrees, longitudeDegrees: point.longitudeDegrees,
                speedMetersPerSecond: point.speedMetersPerSecond.flatMap {
                    (0...500).contains($0) ? $0 : nil
                },
                headingDegrees: point.courseDegrees.flatMap { (0...360).contains($0) ? $0 : nil },
                altitudeMeters: point.elevationMeters)
        }
    }

    /// When the first point is, should it have no time: so long before the first that has one.
    private static func begin(_ points: [RecordedPoint], interval: Int64) -> Int64 {
        guard let index = points.firstIndex(where: { $0.time != nil }), let time = points[index].time else {
            return 0
        }
        return time.milliseconds &- Int64(index) &* interval
    }

    private static func time(
        of point: RecordedPoint, notBefore earliest: Int64?, _ interval: Int64?, _ last: Entry?
    ) -> Int64? {
        guard let last else { return point.time?.milliseconds ?? earliest }
        if let time = point.time?.milliseconds, time > last.milliseconds { return time }
        return interval.map { last.milliseconds &+ $0 }
    }

    private static func unusable(_ points: [RecordedPoint]) -> SimulatorError {
        let times = points.compactMap(\.time)
        let cause =
            if times.isEmpty {
                "none of its \(points.count) points has a time"
            } else if Set(times).count == 1 {
                "all of its \(times.count) points with a time have one and the same"
            } else {
                "of its \(points.count) points no two have rising times"
            }
        return .unusableRecording("\(cause); --assume-interval-s SECONDS spaces them evenly")
    }
}
