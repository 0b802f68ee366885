package import HarborFleet

/// How a track is written, in the order in which we would rather, where a client likes several alike.
package enum TrackFormat: String, Sendable, CaseIterable {
    case json = "application/json"
    /// RFC 7946.
    case geoJSON = "application/geo+json"
    /// GPX 1.1, whose media type is not registered.
    case gpx = "application/gpx+xml"
    /// RFC 4180.
    case csv = "text/csv"

    /// Whether a line is written differently where it crosses the antimeridian.
    package var cutsLines: Bool { self == .geoJSON }

    /// The value of `Content-Type`.
    package var contentType: String { self == .csv ? "text/csv; charset=utf-8; header=present" : rawValue }

    /// Who writes one track.
    /// - Parameter crossesAntimeridian: whether the line through all fixes does.
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

/// Writes one track, a part at a time.
package protocol TrackWriter: Sendable {
    /// What stands before the first fix.
    /// - Parameter count: of fixes on the first page: whether there are none, one or several.
    mutating func begin(count: Int, to output: inout [UInt8])
    /// The next fix.
    mutating func append(_ stored: StoredFix, to output: inout [UInt8])
    /// A part of what stands behind the last fix.
    /// - Parameter next: where a later request goes on; nil when there is nothing more.
    /// - Returns: whether that was all; else it is to be called again.
    mutating func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool
    /// What it keeps of the track, in bytes.
    var heldBytes: Int { get }
}

extension TrackWriter {
    package var heldBytes: Int { 0 }
}
