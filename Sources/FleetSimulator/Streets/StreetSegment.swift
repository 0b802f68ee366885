/// A piece of street between two junctions, driven in both directions.
struct StreetSegment: Sendable {
    let name: String
    let speedLimitMetersPerSecond: Double
    /// The line, from the junction `start` to the junction `end`; at least two places.
    let places: [Coordinate]
    /// Indices of junctions in the network.
    let start: Int
    let end: Int
    /// The distance of each of `places` from the start, in metres.
    private let distances: [Double]

    init(name: String, speedLimitMetersPerSecond: Double, places: [Coordinate], start: Int, end: Int) {
        self.name = name
        self.speedLimitMetersPerSecond = speedLimitMetersPerSecond
        self.places = places
        self.start = start
        self.end = end
        distances = zip(places, places.dropFirst()).reduce(into: [0]) { distances, pair in
            distances.append((distances.last ?? 0) + pair.0.distanceMeters(to: pair.1))
        }
    }

    var lengthMeters: Double { distances.last ?? 0 }

    /// The place `meters` (clamped to the segment) from the start, and the heading from start to end there.
    func position(atMeters meters: Double) -> (place: Coordinate, headingDegrees: Double) {
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
