package import HarborFleet
internal import TextFormats

extension FleetSnapshot {
    /// The body of the status response, with the vehicles sorted by id; n log n in their number. The same bytes at
    /// each call.
    package func encodeStatus() -> [UInt8] {
        var output = emptyMessage()
        output.append(UInt8(ascii: "{"))
        appendMembers(to: &output)
        return output
    }

    /// The first message of a live stream: `{"type":"snapshot","recovered":false,` and the status. Encoded on the
    /// first call and cached, because many subscribers join at one `seq`.
    package func encodeLiveSnapshot() -> [UInt8] {
        encoded.bytes {
            var output = emptyMessage()
            JSONWriter.append(raw: "{\"type\":\"snapshot\",\"recovered\":false,", to: &output)
            appendMembers(to: &output)
            return output
        }
    }

    private func emptyMessage() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256 + 288 * vehicles.count)
        return output
    }

    private func appendMembers(to output: inout [UInt8]) {
        JSONWriter.append("\"fleet_id\":", identifier: fleetID.rawValue, to: &output)
        JSONWriter.append(",\"epoch\":", identifier: epoch, to: &output)
        JSONWriter.append(",\"seq\":", seq, to: &output)
        JSONWriter.append(",\"as_of\":", asOf, to: &output)
        counts.append(to: &output)
        JSONWriter.append(raw: ",\"vehicles\":[", to: &output)
        JSONWriter.appendList(sortedVehicles, to: &output) { $0.append(to: &$1) }
        JSONWriter.append(raw: "]}", to: &output)
    }
}

extension StateCounts {
    /// Appends the status's member `counts`, preceded by a comma.
    fileprivate func append(to output: inout [UInt8]) {
        JSONWriter.append(",\"counts\":{\"moving\":", moving, to: &output)
        JSONWriter.append(",\"idle\":", idle, to: &output)
        JSONWriter.append(",\"offline\":", offline, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
