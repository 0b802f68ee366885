internal import HarborFleet

/// A position of a line, with its time.
struct TrackPosition: Sendable, Equatable {
    var longitudeDegrees: Double
    var latitudeDegrees: Double
    var altitudeMeters: Double?
    var time: Timestamp

    /// Whether the shorter way to `next` leads across the antimeridian (RFC 7946 section 3.1.9).
    func crosses(to next: TrackPosition) -> Bool { abs(next.longitudeDegrees - longitudeDegrees) > 180 }

    var isOnAntimeridian: Bool { abs(longitudeDegrees) == 180 }

    /// The same place seen from the other side of the antimeridian. Only for one that is on it.
    var otherSide: TrackPosition {
        var position = self
        position.longitudeDegrees = -longitudeDegrees
        return position
    }

    /// Where the way to `next` meets the antimeridian, on this position's side: latitude, altitude and time are
    /// interpolated. Only where it crosses.
    func crossing(to next: TrackPosition) -> TrackPosition {
        let side: Double = longitudeDegrees < 0 ? -180 : 180
        // The other position, counted on beyond 180°.
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
