package import HarborFleet
internal import TextFormats

extension VehicleStatus {
    /// The vehicle's members as JSON text without the surrounding braces: `"vehicle_id":"van-7","state":...`. Their
    /// order is that of the example in the guide "Reading and following"; absent values are left out. Encoded on the
    /// first call and cached.
    package var fragment: [UInt8] {
        encoded.bytes {
            let fix = newest.fix
            var output: [UInt8] = []
            output.reserveCapacity(256 + (fix.attributes?.count ?? 0))
            JSONWriter.append("\"vehicle_id\":", identifier: fix.vehicleID.rawValue, to: &output)
            JSONWriter.append(",\"state\":", identifier: state.rawValue, to: &output)
            JSONWriter.appendMeasures(of: fix, to: &output)
            JSONWriter.append(",\"recorded_at\":", fix.recordedAt, to: &output)
            JSONWriter.append(",\"received_at\":", newest.receivedAt, to: &output)
            JSONWriter.appendAttributes(of: fix, to: &output)
            return output
        }
    }

    /// The vehicle as a JSON object.
    package func encode() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(fragment.count + 2)
        append(to: &output)
        return output
    }

    /// Appends the vehicle as a JSON object.
    func append(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        output.append(contentsOf: fragment)
        output.append(UInt8(ascii: "}"))
    }
}
