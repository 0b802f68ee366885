import Foundation

/// Streets joined where they share a coordinate: the graph on which simulated vehicles drive.
package struct StreetNetwork: Sendable {
    /// A way out of a junction: a segment and the direction in which it is driven.
    struct Exit: Hashable, Sendable {
        /// The index in `segments`.
        let segment: Int
        /// Whether it leads from the segment's start to its end.
        let isForward: Bool
    }

    let segments: [StreetSegment]
    /// The exits of each junction, by the junction's index. Each junction has at least one exit.
    let junctions: [[Exit]]

    /// Reads the LineStrings of a GeoJSON FeatureCollection, and joins them at the coordinates that they share,
    /// at an end or in between.
    /// - Parameter geoJSON: UTF-8; the properties `name` and `speed_limit_mps` of a street are used.
    /// - Throws: `SimulatorError.unusableStreets` when it is not such a collection, has no street, or is not one
    ///   connected network.
    package init(geoJSON: [UInt8]) throws(SimulatorError) {
        let streets: [StreetCollection.Street]
        do {
            streets = try JSONDecoder().decode(StreetCollection.self, from: Data(geoJSON)).streets
        } catch {
            throw .unusableStreets("it is not a GeoJSON FeatureCollection")
        }
        var joining = StreetJoining(streets)
        joining.join()
        segments = joining.segments
        junctions = joining.junctions
        guard !segments.isEmpty else { throw .unusableStreets("it has no street that is longer than 0 m") }
        guard isConnected else { throw .unusableStreets("it falls into parts that no street connects") }
    }

    /// Whether every junction can be reached from every other.
    var isConnected: Bool {
        var reached: Set<Int> = [0]
        var waiting = [0]
        while let junction = waiting.popLast() {
            for exit in junctions[junction] {
                let next = end(of: exit)
                if reached.insert(next).inserted { waiting.append(next) }
            }
        }
        return reached.count == junctions.count
    }

    /// The junction to which `exit` leads.
    func end(of exit: Exit) -> Int {
        let segment = segments[exit.segment]
        return exit.isForward ? segment.end : segment.start
    }

    /// The place `meters` after the beginning of `exit`, and the heading of a vehicle that drives there.
    func position(on exit: Exit, atMeters meters: Double) -> (
        place: Coordinate, headingDegrees: Double
    ) {
        let segment = segments[exit.segment]
        if exit.isForward { return segment.position(atMeters: meters) }
        let (place, heading) = segment.position(atMeters: segment.lengthMeters - meters)
        return (place, heading < 180 ? heading + 180 : heading - 180)
    }
}
