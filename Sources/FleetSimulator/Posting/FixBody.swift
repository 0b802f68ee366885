import FleetWire
import HarborFleet
import TextFormats

/// Encodes the body of an ingest POST: `{"fleet_id":"...","fixes":[...]}`. The fleet is named, so that the
/// signature covers the POST's destination.
enum FixBody {
    static func encode(_ fixes: some Collection<Fix>, for fleet: FleetID) -> [UInt8] {
        var output = Array("{\"fleet_id\":\"\(fleet)\",\"fixes\":[".utf8)
        output.reserveCapacity(fixes.count * 192)
        JSONWriter.appendList(fixes, to: &output) { append($0, to: &$1) }
        output.append(contentsOf: "]}".utf8)
        return output
    }

    private static func append(_ fix: Fix, to output: inout [UInt8]) {
        // An id contains no character that JSON must escape.
        JSONWriter.append(raw: "{\"vehicle_id\":\"\(fix.vehicleID)\",\"recorded_at\":", to: &output)
        JSONWriter.append(fix.recordedAt, to: &output)
        JSONWriter.appendMeasures(of: fix, to: &output)
        JSONWriter.appendAttributes(of: fix, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
