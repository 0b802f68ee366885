internal import HarborFleet

extension VehicleState {
    /// The word for the state on a page.
    var label: String {
        switch self {
        case .moving: "Moving"
        case .idle: "Idle"
        case .offline: "Offline"
        }
    }
}

/// The texts of one vehicle on a page.
extension VehicleStatus {
    private var fix: Fix { newest.fix }

    /// `8.2 m/s`, `last 8.2 m/s` for an offline vehicle, or a dash when the partner gave no speed.
    var speedText: String { last(text(fix.speedMetersPerSecond, decimals: 1, unit: " m/s")) }

    /// `271° W`, `last 271° W` for an offline vehicle, or a dash.
    var headingText: String {
        guard let headingDegrees = fix.headingDegrees, headingDegrees.isFinite else { return "–" }
        let points = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
        let turn = headingDegrees.truncatingRemainder(dividingBy: 360)
        let degrees = Int((turn < 0 ? turn + 360 : turn).rounded()) % 360
        return last("\(degrees)° " + points[(degrees + 22) / 45 % points.count])
    }

    /// Marks the last known value of an offline vehicle, which may not be its value now.
    private func last(_ text: String) -> String {
        state == .offline && text != "–" ? "last " + text : text
    }

    /// `53.54130, 9.98420`.
    var positionText: String {
        text(fix.latitudeDegrees, decimals: 5, unit: ", ") + text(fix.longitudeDegrees, decimals: 5, unit: "")
    }

    /// The time of the fix, but not later than its arrival, whatever the vehicle's clock said.
    var shownAt: Timestamp { min(fix.recordedAt, newest.receivedAt) }

    private func text(_ value: Double?, decimals: Int, unit: String) -> String {
        guard let value, let number = DecimalText.format(value, decimals: decimals) else { return "–" }
        return number + unit
    }
}
