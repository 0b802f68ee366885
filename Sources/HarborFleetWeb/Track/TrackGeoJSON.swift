internal import HarborFleet

/// A `Feature` (RFC 7946 section 3.2): a `LineString`, with the time of each position in the property `coordTimes`.
///
/// A line has two positions or more: one fix is a `Point`, and none is a feature without a place (`null`). The times
/// stand behind all positions, so they are kept until then, see `PackedTimes`.
struct TrackGeoJSON: TrackWriter {
    /// Times written at a stretch.
    private static let timesPerPart = 2_000

    private enum Shape {
        case nowhere
        case point
        case line
    }

    let fleetID: FleetID
    let vehicleID: VehicleID
    private var shape = Shape.nowhere
    private var isFirst = true
    private var times = PackedTimes()
    private var unwritten: PackedTimes.Iterator?

    var heldBytes: Int { times.byteCount }

    init(fleetID: FleetID, vehicleID: VehicleID) {
        self.fleetID = fleetID
        self.vehicleID = vehicleID
    }

    mutating func begin(count: Int, to output: inout [UInt8]) {
        JSONWriter.append(raw: "{\"type\":\"Feature\",\"geometry\":", to: &output)
        switch count {
        case ...0:
            shape = .nowhere
            JSONWriter.append(raw: "null", to: &output)
        case 1:
            shape = .point
            JSONWriter.append(raw: "{\"type\":\"Point\",\"coordinates\":", to: &output)
        default:
            shape = .line
            JSONWriter.append(raw: "{\"type\":\"LineString\",\"coordinates\":[", to: &output)
        }
    }

    /// Longitude, latitude, and the altitude where it is known (section 3.1.1).
    mutating func append(_ stored: StoredFix, to output: inout [UInt8]) {
        JSONWriter.append(raw: isFirst ? "[" : ",[", to: &output)
        isFirst = false
        JSONWriter.append(stored.fix.longitudeDegrees, to: &output)
        output.append(UInt8(ascii: ","))
        JSONWriter.append(stored.fix.latitudeDegrees, to: &output)
        if let altitude = stored.fix.altitudeMeters {
            output.append(UInt8(ascii: ","))
            JSONWriter.append(altitude, to: &output)
        }
        output.append(UInt8(ascii: "]"))
        times.append(stored.fix.recordedAt)
    }

    mutating func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool {
        if unwritten == nil {
            unwritten = times.makeIterator()
            appendProperties(to: &output)
            isFirst = true
        }
        for _ in 0..<Self.timesPerPart {
            guard let time = unwritten?.next() else {
                JSONWriter.append(raw: "]}", to: &output)
                JSONWriter.append(nextCursor: next, to: &output)
                output.append(UInt8(ascii: "}"))
                return true
            }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.append(time, to: &output)
        }
        return false
    }

    private func appendProperties(to output: inout [UInt8]) {
        switch shape {
        case .nowhere: break
        case .point: JSONWriter.append(raw: "}", to: &output)
        case .line: JSONWriter.append(raw: "]}", to: &output)
        }
        JSONWriter.append(raw: ",\"properties\":{\"fleet_id\":", to: &output)
        JSONWriter.append(fleetID.rawValue, to: &output)
        JSONWriter.append(raw: ",\"vehicle_id\":", to: &output)
        JSONWriter.append(vehicleID.rawValue, to: &output)
        JSONWriter.append(raw: ",\"coordTimes\":[", to: &output)
    }
}
