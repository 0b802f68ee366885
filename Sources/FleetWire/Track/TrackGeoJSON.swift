internal import HarborFleet
internal import TextFormats

/// Writes a `Feature` (RFC 7946 section 3.2): a `LineString`, with the time of each position in the property
/// `coordTimes`.
///
/// A line that crosses the antimeridian is cut there, as section 3.1.9 requires. The result is a `MultiLineString`:
/// each line ends where it meets the antimeridian, and the next begins at the same place on the other side.
/// `coordTimes` then has one list per line.
///
/// A line needs at least two positions: a single fix is a `Point`, and no fix is a feature with the geometry
/// `null`. The times come after all positions, so they are kept until then, see `PackedTimes`.
struct TrackGeoJSON: TrackWriter {
    /// The maximum number of times written in one part.
    private static let timesPerPart = 2_000

    private enum Shape {
        case nowhere
        case point
        case line
        case lines
    }

    let fleetID: FleetID
    let vehicleID: VehicleID
    private let crossesAntimeridian: Bool
    private var shape = Shape.nowhere
    private var times = PackedTimes()
    private var unwritten: PackedTimes.Iterator?
    /// The last position, not written yet because the next position decides how to write it.
    private var pending: TrackPosition?
    /// The number of positions of each finished line, and of the current one.
    private var finished: [UInt32] = []
    private var current: UInt32 = 0
    /// The progress of writing the times: the line, and how many of its times are written.
    private var line = 0
    private var written: UInt32 = 0

    var heldBytes: Int { times.byteCount + finished.capacity * MemoryLayout<UInt32>.size }

    /// - Parameter crossesAntimeridian: whether the line through all fixes crosses the antimeridian.
    init(fleetID: FleetID, vehicleID: VehicleID, crossesAntimeridian: Bool) {
        self.fleetID = fleetID
        self.vehicleID = vehicleID
        self.crossesAntimeridian = crossesAntimeridian
    }

    mutating func begin(count: Int, to output: inout [UInt8]) {
        shape = count < 1 ? .nowhere : count == 1 ? .point : crossesAntimeridian ? .lines : .line
        JSONWriter.append(raw: "{\"type\":\"Feature\",\"geometry\":", to: &output)
        switch shape {
        case .nowhere: JSONWriter.append(raw: "null", to: &output)
        case .point: JSONWriter.append(raw: "{\"type\":\"Point\",\"coordinates\":", to: &output)
        case .line: JSONWriter.append(raw: "{\"type\":\"LineString\",\"coordinates\":[", to: &output)
        case .lines: JSONWriter.append(raw: "{\"type\":\"MultiLineString\",\"coordinates\":[[", to: &output)
        }
    }

    mutating func append(_ stored: StoredFix, to output: inout [UInt8]) {
        let position = TrackPosition(stored.fix)
        guard shape == .lines else { return write(position, to: &output) }
        guard let before = pending else { return pending = position }
        pending = position
        guard before.crosses(to: position) else { return write(before, to: &output) }
        cross(from: before, to: position, &output)
    }

    /// Writes the step from one position to the next across the antimeridian. A position on the antimeridian is on
    /// both sides of it; it is written on the side that needs no cut, if there is one.
    private mutating func cross(
        from before: TrackPosition, to next: TrackPosition, _ output: inout [UInt8]
    ) {
        if next.isOnAntimeridian {
            write(before, to: &output)
            pending = next.otherSide
        } else if before.isOnAntimeridian, current == 0 {
            write(before.otherSide, to: &output)
        } else {
            write(before, to: &output)
            let end = before.crossing(to: next)
            if !before.isOnAntimeridian { write(end, to: &output) }
            startLine(&output)
            write(end.otherSide, to: &output)
        }
    }

    private mutating func startLine(_ output: inout [UInt8]) {
        finished.append(current)
        current = 0
        JSONWriter.append(raw: "],[", to: &output)
    }

    /// Writes the longitude, the latitude, and the altitude if known (section 3.1.1).
    private mutating func write(_ position: TrackPosition, to output: inout [UInt8]) {
        JSONWriter.append(raw: current == 0 ? "[" : ",[", to: &output)
        current &+= 1
        JSONWriter.append(position.longitudeDegrees, to: &output)
        output.append(UInt8(ascii: ","))
        JSONWriter.append(position.latitudeDegrees, to: &output)
        if let altitude = position.altitudeMeters {
            output.append(UInt8(ascii: ","))
            JSONWriter.append(altitude, to: &output)
        }
        output.append(UInt8(ascii: "]"))
        times.append(position.time)
    }

    mutating func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool {
        if unwritten == nil { appendProperties(to: &output) }
        for _ in 0..<Self.timesPerPart {
            guard let time = unwritten?.next() else {
                JSONWriter.append(raw: shape == .lines ? "]]}" : "]}", to: &output)
                JSONWriter.append(nextCursor: next, to: &output)
                output.append(UInt8(ascii: "}"))
                return true
            }
            append(time, to: &output)
        }
        return false
    }

    private mutating func append(_ time: Timestamp, to output: inout [UInt8]) {
        if line < finished.count, written == finished[line] {
            line += 1
            written = 0
            JSONWriter.append(raw: "],[", to: &output)
        }
        if written > 0 { output.append(UInt8(ascii: ",")) }
        written &+= 1
        JSONWriter.append(time, to: &output)
    }

    private mutating func appendProperties(to output: inout [UInt8]) {
        if let last = pending { write(last, to: &output) }
        pending = nil
        unwritten = times.makeIterator()
        switch shape {
        case .nowhere: break
        case .point: JSONWriter.append(raw: "}", to: &output)
        case .line: JSONWriter.append(raw: "]}", to: &output)
        case .lines: JSONWriter.append(raw: "]]}", to: &output)
        }
        JSONWriter.append(",\"properties\":{\"fleet_id\":", fleetID.rawValue, to: &output)
        JSONWriter.append(",\"vehicle_id\":", vehicleID.rawValue, to: &output)
        JSONWriter.append(raw: shape == .lines ? ",\"coordTimes\":[[" : ",\"coordTimes\":[", to: &output)
    }
}
