import HarborFleet
import TextFormats

/// Writes the body of an ingest POST: `{"fleet_id":"...","fixes":[...]}`. The fleet is named, so that the signature covers
/// where the POST goes.
enum FixBody {
    static func encode(_ fixes: some Collection<Fix>, for fleet: FleetID) -> [UInt8] {
        var output = Array("{\"fleet_id\":\"\(fleet)\",\"fixes\":[".utf8)
        output.reserveCapacity(fixes.count * 192)
        for (position, fix) in fixes.enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            append(fix, to: &output)
        }
        output.append(contentsOf: "]}".utf8)
        return output
    }

    private static func append(_ fix: Fix, to output: inout [UInt8]) {
        // An id has no character that JSON would escape.
        output.append(contentsOf: "{\"vehicle_id\":\"\(fix.vehicleID.rawValue)\",\"recorded_at\":\"".utf8)
        RFC3339.append(milliseconds: fix.recordedAt.milliseconds, to: &output)
        output.append(contentsOf: "\"".utf8)
        append("lat", fix.latitudeDegrees, to: &output)
        append("lng", fix.longitudeDegrees, to: &output)
        append("speed_mps", fix.speedMetersPerSecond, to: &output)
        append("heading_deg", fix.headingDegrees, to: &output)
        append("altitude_m", fix.altitudeMeters, to: &output)
        append("accuracy_m", fix.accuracyMeters, to: &output)
        if let attributes = fix.attributes {
            output.append(contentsOf: ",\"attributes\":".utf8)
            output.append(contentsOf: attributes)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// JSON has no word for what is not finite, so that is left out.
    private static func append(_ name: String, _ value: Double?, to output: inout [UInt8]) {
        guard let value, value.isFinite else { return }
        output.append(contentsOf: ",\"\(name)\":\(value)".utf8)
    }
}
