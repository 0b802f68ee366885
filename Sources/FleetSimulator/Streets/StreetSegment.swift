/// A piece of street between two junctions, driven in both directions.
package struct StreetSegment: Sendable {
    package let name: String
    package let speedLimitMetersPerSecond: Double
    /// The line, from the junction `start` to the junction `end`; at least two places.
    package let places: [Coordinate]
    /// Indices of junctions in the network.
    package let start: Int
    package let end: Int
    package let lengthMeters: Double
    /// How far each of `places` is from the start.
    private let distances: [Double]

    init(name: String, speedLimitMetersPerSecond: Double, places: [Coordinate], start: Int, end: Int) {
        self.name = name
        self.speedLimitMetersPerSecond = speedLimitMetersPerSecond
        self.places = places
        self.start = start
        self.end = end
        var distances = [0.0]
        for (place, next) in zip(places, places.dropFirst()) {
            distances.append((distances.last ?? 0) + place.distanceMeters(to: next))
        }
        self.distances = distances
        lengthMeters = distances.last ?? 0
    }

    /// The place `meters` (clamped to the segment) from the start, and the heading from start to end there.
    package func position(atMeters meters: Double) -> (place: Coordinate, headingDegrees: Double) {
        let piece = (distances.firstIndex { $0 > max(meters, 0) } ?? distances.count - 1) - 1
        guard places.indices.contains(piece), places.indices.contains(piece + 1) else {
            return (places[0], 0)
        }
        let length = distances[piece + 1] - distances[piece]
        let fraction = length > 0 ? min(max((meters - distances[piece]) / length, 0), 1) : 0
        let (from, to) = (places[piece], places[piece + 1])
        return (from.interpolated(to: to, fraction: fraction), from.headingDegrees(to: to))
    }
}
