/// One vehicle as a page shows it.
package struct VehicleRow: Sendable {
    /// What the vehicle does, as in the status.
    package enum State: String, Sendable, CaseIterable {
        /// Driving.
        case moving
        /// Reporting, but standing.
        case idle
        /// Silent for too long.
        case offline
    }

    /// The vehicle's id.
    package var vehicleID: String
    /// What it does.
    package var state: State
    /// WGS 84 latitude, degrees.
    package var latitudeDegrees: Double
    /// WGS 84 longitude, degrees.
    package var longitudeDegrees: Double
    /// Speed as the partner sent it, m/s.
    package var speedMetersPerSecond: Double?
    /// Heading clockwise from true north, degrees.
    package var headingDegrees: Double?
    /// Time of the fix, RFC 3339 in UTC; not later than it was received, whatever the vehicle's clock said.
    package var recordedAt: String

    /// Makes a row from a vehicle's status.
    package init(
        vehicleID: String, state: State, latitudeDegrees: Double, longitudeDegrees: Double,
        speedMetersPerSecond: Double?, headingDegrees: Double?, recordedAt: String
    ) {
        self.vehicleID = vehicleID
        self.state = state
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.speedMetersPerSecond = speedMetersPerSecond
        self.headingDegrees = headingDegrees
        self.recordedAt = recordedAt
    }
}

extension VehicleRow.State {
    /// The word a page shows.
    var label: String {
        switch self {
        case .moving: "Moving"
        case .idle: "Idle"
        case .offline: "Offline"
        }
    }
}

extension VehicleRow {
    /// `8.2 m/s`, `last 8.2 m/s` of a silent vehicle, or a dash when the partner gave no speed.
    var speedText: String { last(text(speedMetersPerSecond, decimals: 1, unit: " m/s")) }

    /// `271° W`, `last 271° W` of a silent vehicle, or a dash.
    var headingText: String {
        guard let headingDegrees, headingDegrees.isFinite else { return "–" }
        let points = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
        let turn = headingDegrees.truncatingRemainder(dividingBy: 360)
        let degrees = Int((turn < 0 ? turn + 360 : turn).rounded()) % 360
        return last("\(degrees)° " + points[(degrees + 22) / 45 % points.count])
    }

    /// What a silent vehicle said last is not what it does.
    private func last(_ text: String) -> String {
        state == .offline && text != "–" ? "last " + text : text
    }

    /// `53.54130, 9.98420`.
    var positionText: String {
        text(latitudeDegrees, decimals: 5, unit: ", ") + text(longitudeDegrees, decimals: 5, unit: "")
    }

    /// `2026-11-20 17:00:01 UTC`; as given when it is not the usual form.
    var recordedAtText: String { TimeText.readable(recordedAt) }

    private func text(_ value: Double?, decimals: Int, unit: String) -> String {
        guard let value, let number = DecimalText.format(value, decimals: decimals) else { return "–" }
        return number + unit
    }
}

/// Times as a page shows them before its script has replaced them by an age.
enum TimeText {
    /// `2026-11-20T17:00:01.004Z` as `2026-11-20 17:00:01 UTC`; other texts unchanged.
    static func readable(_ rfc3339: String) -> String {
        let parts = rfc3339.split(separator: "T")
        guard parts.count == 2, rfc3339.hasSuffix("Z"), rfc3339.utf8.count >= 20 else { return rfc3339 }
        return "\(parts[0]) \(parts[1].prefix(8)) UTC"
    }
}
