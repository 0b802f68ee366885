import Foundation

/// A place on the ground, WGS 84. Two streets meet if they share exactly this value.
struct Coordinate: Hashable, Sendable {
    let latitudeDegrees: Double
    let longitudeDegrees: Double

    /// The distance to `other`, on a plane that touches the ground here: accurate to 1 % over some kilometres.
    func distanceMeters(to other: Coordinate) -> Double {
        let (east, north) = offsetMeters(to: other)
        return (east * east + north * north).squareRoot()
    }

    /// The direction to `other`, 0..<360, clockwise from true north; 0 for the same place.
    func headingDegrees(to other: Coordinate) -> Double {
        let (east, north) = offsetMeters(to: other)
        let degrees = atan2(east, north) * 180 / .pi
        return degrees < 0 ? degrees + 360 : degrees
    }

    /// The place `fraction` (0...1) of the way to `other`.
    func interpolated(to other: Coordinate, fraction: Double) -> Coordinate {
        Coordinate(
            latitudeDegrees: latitudeDegrees + (other.latitudeDegrees - latitudeDegrees) * fraction,
            longitudeDegrees: longitudeDegrees + (other.longitudeDegrees - longitudeDegrees) * fraction)
    }

    private func offsetMeters(to other: Coordinate) -> (east: Double, north: Double) {
        let metersPerDegree = 111_195.0
        let scale = cos((latitudeDegrees + other.latitudeDegrees) / 2 * .pi / 180)
        return (
            (other.longitudeDegrees - longitudeDegrees) * metersPerDegree * scale,
            (other.latitudeDegrees - latitudeDegrees) * metersPerDegree
        )
    }
}
