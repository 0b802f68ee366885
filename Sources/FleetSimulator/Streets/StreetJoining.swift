/// Splits streets at the coordinates that they share, and numbers the junctions.
struct StreetJoining {
    private(set) var segments: [StreetSegment] = []
    private(set) var junctions: [[StreetNetwork.Exit]] = []
    private let streets: [StreetCollection.Street]
    private var junctionIndices: [Coordinate: Int] = [:]
    /// How often streets use a place; ends count twice. A place with two or more is a junction.
    private var uses: [Coordinate: Int] = [:]

    init(_ streets: [StreetCollection.Street]) {
        self.streets = streets
    }

    mutating func join() {
        for street in streets { count(street) }
        for street in streets { cut(street) }
    }

    private mutating func count(_ street: StreetCollection.Street) {
        for place in street.places { uses[place, default: 0] += 1 }
        for end in [street.places.first, street.places.last] {
            if let end { uses[end, default: 0] += 1 }
        }
    }

    private mutating func cut(_ street: StreetCollection.Street) {
        var piece: [Coordinate] = []
        for place in street.places {
            piece.append(place)
            guard piece.count > 1, uses[place, default: 0] > 1 else { continue }
            add(piece, of: street)
            piece = [place]
        }
    }

    private mutating func add(_ places: [Coordinate], of street: StreetCollection.Street) {
        guard let first = places.first, let last = places.last, Set(places).count > 1 else { return }
        let (start, end) = (junction(at: first), junction(at: last))
        junctions[start].append(StreetNetwork.Exit(segment: segments.count, isForward: true))
        junctions[end].append(StreetNetwork.Exit(segment: segments.count, isForward: false))
        segments.append(
            StreetSegment(
                name: street.name, speedLimitMetersPerSecond: street.speedLimitMetersPerSecond,
                places: places, start: start, end: end))
    }

    private mutating func junction(at place: Coordinate) -> Int {
        if let index = junctionIndices[place] { return index }
        junctionIndices[place] = junctions.count
        junctions.append([])
        return junctions.count - 1
    }
}
