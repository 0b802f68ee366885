internal import HarborFleet

/// A position on a line, with its time.
struct TrackPosition: Sendable, Equatable {
    var longitudeDegrees: Double
    var latitudeDegrees: Double
    var altitudeMeters: Double?
    var time: Timestamp

    /// Whether the shorter way to `next` crosses the antimeridian (RFC 7946 section 3.1.9).
    func crosses(to next: TrackPosition) -> Bool { abs(next.longitudeDegrees - longitudeDegrees) > 180 }

    var isOnAntimeridian: Bool { abs(longitudeDegrees) == 180 }

    /// The same place with the longitude of the other side. Only for a position on the antimeridian.
    var otherSide: TrackPosition {
        var position = self
        position.longitudeDegrees = -longitudeDegrees
        return position
    }

    /// The place where the way to `next` meets the antimeridian, on this position's side. Latitude, altitude and
    /// time are interpolated. Only for a way that crosses.
    func crossing(to next: TrackPosition) -> TrackPosition {
        let side: Double = longitudeDegrees < 0 ? -180 : 180
        // The longitude of the other position, continued beyond 180°.
        let end = next.longitudeDegrees + 2 * side
        let share = (side - longitudeDegrees) / (end - longitudeDegrees)
        func between(_ first: Double, _ last: Double) -> Double { first + (last - first) * share }
        let milliseconds = Double(next.time.since(time).wholeMilliseconds) * share
        return TrackPosition(
            longitudeDegrees: side, latitudeDegrees: between(latitudeDegrees, next.latitudeDegrees),
            altitudeMeters: altitudeMeters.flatMap { first in
                next.altitudeMeters.map { between(first, $0) }
            }, time: time.advanced(by: .milliseconds(Int64(milliseconds))))
    }
}

extension TrackPosition {
    init(_ fix: Fix) {
        self.init(
            longitudeDegrees: fix.longitudeDegrees, latitudeDegrees: fix.latitudeDegrees,
            altitudeMeters: fix.altitudeMeters, time: fix.recordedAt)
    }
}
