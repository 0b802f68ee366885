internal import HarborFleet
internal import TextFormats

/// A `Feature` (RFC 7946 section 3.2): a `LineString`, with the time of each position in the property `coordTimes`. One
/// that crosses the antimeridian is cut there, as section 3.1.9 wants it: a `MultiLineString`, of which each line ends
/// where it meets the antimeridian and the next begins at the same place on the other side; `coordTimes` has a list for
/// each line.
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
        case lines
    }

    let fleetID: FleetID
    let vehicleID: VehicleID
    private let crossesAntimeridian: Bool
    private var shape = Shape.nowhere
    private var times = PackedTimes()
    private var unwritten: PackedTimes.Iterator?
    /// What is not written yet, since the next position decides how.
    private var pending: TrackPosition?
    /// Positions of each line before the present one, and of that.
    private var finished: [UInt32] = []
    private var current: UInt32 = 0
    /// Of the times that are being written: the line, and how many of it are.
    private var line = 0
    private var written: UInt32 = 0

    var heldBytes: Int { times.byteCount + finished.capacity * MemoryLayout<UInt32>.size }

    /// - Parameter crossesAntimeridian: whether the line through all fixes does.
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

    /// A position on the antimeridian is on both sides of it: it is written on the one that needs no cut, where there is one.
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

    /// Longitude, latitude, and the altitude where it is known (section 3.1.1).
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
