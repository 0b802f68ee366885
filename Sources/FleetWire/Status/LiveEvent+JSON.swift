package import HarborFleet
internal import TextFormats

extension LiveEvent {
    /// The event as a JSON object, encoded on the first call and cached; empty for `.ended`.
    package var json: [UInt8] {
        if case .snapshot(let snapshot) = kind { return snapshot.encodeLiveSnapshot() }
        return encoded.bytes(encodeChange)
    }

    private func encodeChange() -> [UInt8] {
        var output: [UInt8] = []
        switch kind {
        case .position(let status): appendPosition(status, to: &output)
        case .state(let status):
            appendHead("state", status.vehicleID, to: &output)
            JSONWriter.append(",\"state\":", identifier: status.state.rawValue, to: &output)
            output.append(UInt8(ascii: "}"))
        case .removed(let id):
            appendHead("removed", id, to: &output)
            output.append(UInt8(ascii: "}"))
        case .snapshot, .ended: break
        }
        return output
    }

    private func appendPosition(_ status: VehicleStatus, to output: inout [UInt8]) {
        output.reserveCapacity(status.fragment.count + 128)
        JSONWriter.append("{\"type\":\"position\",\"seq\":", seq, to: &output)
        JSONWriter.append(",\"fleet_id\":", identifier: fleetID.rawValue, to: &output)
        output.append(UInt8(ascii: ","))
        output.append(contentsOf: status.fragment)
        output.append(UInt8(ascii: "}"))
    }

    private func appendHead(_ type: String, _ vehicleID: VehicleID, to output: inout [UInt8]) {
        JSONWriter.append("{\"type\":", identifier: type, to: &output)
        JSONWriter.append(",\"seq\":", seq, to: &output)
        JSONWriter.append(",\"vehicle_id\":", identifier: vehicleID.rawValue, to: &output)
    }
}
