/// What the status says of one vehicle. Immutable and shared: its JSON is written once per change.
package final class VehicleStatus: Sendable {
    package let vehicleID: VehicleID
    package let state: VehicleState
    package let newest: StoredFix
    /// Up to when a clock that ran ahead has dated fixes of the vehicle; nil once its newest fix is later.
    ///
    /// A fix up to here may be a repeat of one of them, which only the store can tell.
    package let aheadUntil: Timestamp?
    /// The vehicle's members as JSON text without the braces around them: `"vehicle_id":"van-7","state":...`.
    package let fragment: [UInt8]

    init(state: VehicleState, newest: StoredFix, aheadUntil: Timestamp? = nil) {
        vehicleID = newest.fix.vehicleID
        self.state = state
        self.newest = newest
        self.aheadUntil = aheadUntil
        fragment = VehicleFragment.encode(newest, state)
    }

    /// The vehicle as a JSON object.
    package func encode() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(fragment.count + 2)
        output.append(UInt8(ascii: "{"))
        output.append(contentsOf: fragment)
        output.append(UInt8(ascii: "}"))
        return output
    }
}

/// Writes a vehicle's members in the contract's order; absent values are left out.
enum VehicleFragment {
    static func encode(_ stored: StoredFix, _ state: VehicleState) -> [UInt8] {
        let fix = stored.fix
        var output: [UInt8] = []
        output.reserveCapacity(256 + (fix.attributes?.count ?? 0))
        JSONWriter.append(raw: "\"vehicle_id\":", to: &output)
        JSONWriter.append(identifier: fix.vehicleID.rawValue, to: &output)
        JSONWriter.append(raw: ",\"state\":", to: &output)
        JSONWriter.append(identifier: state.rawValue, to: &output)
        append(",\"lat\":", fix.latitudeDegrees, to: &output)
        append(",\"lng\":", fix.longitudeDegrees, to: &output)
        append(",\"speed_mps\":", fix.speedMetersPerSecond, to: &output)
        append(",\"heading_deg\":", fix.headingDegrees, to: &output)
        append(",\"altitude_m\":", fix.altitudeMeters, to: &output)
        append(",\"accuracy_m\":", fix.accuracyMeters, to: &output)
        JSONWriter.append(raw: ",\"recorded_at\":", to: &output)
        JSONWriter.append(fix.recordedAt, to: &output)
        JSONWriter.append(raw: ",\"received_at\":", to: &output)
        JSONWriter.append(stored.receivedAt, to: &output)
        guard let attributes = fix.attributes else { return output }
        JSONWriter.append(raw: ",\"attributes\":", to: &output)
        output.append(contentsOf: attributes)
        return output
    }

    private static func append(_ name: String, _ value: Double?, to output: inout [UInt8]) {
        guard let value else { return }
        JSONWriter.append(raw: name, to: &output)
        JSONWriter.append(value, to: &output)
    }
}
