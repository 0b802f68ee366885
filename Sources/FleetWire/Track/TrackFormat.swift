package import HarborFleet

/// The formats of a track, in the server's order of preference when a client accepts several equally.
package enum TrackFormat: String, Sendable, CaseIterable {
    case json = "application/json"
    /// GeoJSON (RFC 7946).
    case geoJSON = "application/geo+json"
    /// GPX 1.1. Its media type is not registered.
    case gpx = "application/gpx+xml"
    /// Comma-separated values (RFC 4180).
    case csv = "text/csv"

    /// Whether the format cuts a line where it crosses the antimeridian.
    package var cutsLines: Bool { self == .geoJSON }

    /// The value of `Content-Type`.
    package var contentType: String { self == .csv ? "text/csv; charset=utf-8; header=present" : rawValue }

    /// Makes a writer for one track.
    /// - Parameter crossesAntimeridian: whether the line through all fixes crosses the antimeridian.
    package func writer(
        of vehicleID: VehicleID, in fleetID: FleetID, crossesAntimeridian: Bool = false
    ) -> any TrackWriter {
        switch self {
        case .json: TrackJSON(fleetID: fleetID, vehicleID: vehicleID)
        case .geoJSON:
            TrackGeoJSON(
                fleetID: fleetID, vehicleID: vehicleID, crossesAntimeridian: crossesAntimeridian)
        case .gpx: TrackGPX(fleetID: fleetID, vehicleID: vehicleID)
        case .csv: TrackCSV()
        }
    }
}

/// Writes one track, one part at a time.
package protocol TrackWriter: Sendable {
    /// Appends what comes before the first fix.
    /// - Parameter count: the number of fixes on the first page; it only matters whether there are none, one or
    ///   several.
    mutating func begin(count: Int, to output: inout [UInt8])
    /// Appends the next fix.
    mutating func append(_ stored: StoredFix, to output: inout [UInt8])
    /// Appends the next part of the end, which is what comes after the last fix. Call it until it returns true.
    /// - Parameter next: where a later request continues; nil when there are no more fixes.
    /// - Returns: whether the track is complete.
    mutating func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool
    /// The memory that the writer holds for the track, in bytes.
    var heldBytes: Int { get }
}

extension TrackWriter {
    package var heldBytes: Int { 0 }
}
