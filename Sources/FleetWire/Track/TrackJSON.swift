internal import HarborFleet
internal import TextFormats

/// Writes `{"fleet_id":…,"vehicle_id":…,"fixes":[…],"next_cursor":…}`. The last member is present only when there
/// are more fixes.
struct TrackJSON: TrackWriter {
    let fleetID: FleetID
    let vehicleID: VehicleID
    private var isFirst = true

    init(fleetID: FleetID, vehicleID: VehicleID) {
        self.fleetID = fleetID
        self.vehicleID = vehicleID
    }

    mutating func begin(count: Int, to output: inout [UInt8]) {
        JSONWriter.append("{\"fleet_id\":", fleetID.rawValue, to: &output)
        JSONWriter.append(",\"vehicle_id\":", vehicleID.rawValue, to: &output)
        JSONWriter.append(raw: ",\"fixes\":[", to: &output)
    }

    mutating func append(_ stored: StoredFix, to output: inout [UInt8]) {
        let fix = stored.fix
        JSONWriter.append(isFirst ? "{\"recorded_at\":" : ",{\"recorded_at\":", fix.recordedAt, to: &output)
        isFirst = false
        JSONWriter.append(",\"received_at\":", stored.receivedAt, to: &output)
        JSONWriter.appendMeasures(of: fix, to: &output)
        JSONWriter.appendAttributes(of: fix, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    mutating func appendEnd(next: TrackCursor?, to output: inout [UInt8]) -> Bool {
        output.append(UInt8(ascii: "]"))
        JSONWriter.append(nextCursor: next, to: &output)
        output.append(UInt8(ascii: "}"))
        return true
    }
}

extension JSONWriter {
    /// Appends the member `next_cursor`, preceded by a comma, if there is one.
    static func append(nextCursor: TrackCursor?, to output: inout [UInt8]) {
        guard let nextCursor else { return }
        append(raw: ",\"next_cursor\":", to: &output)
        append(nextCursor.text, to: &output)
    }
}
