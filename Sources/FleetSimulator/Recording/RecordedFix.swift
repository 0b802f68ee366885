package import HarborFleet

/// A fix of a replay, and the recorded point from which it was made.
package struct RecordedFix: Equatable, Sendable {
    var fix: Fix
    var point: RecordedPoint

    /// The fix's place for messages: `line 12 (2026-06-01T10:00:00Z, sent as 2026-11-20T17:00:00.000Z)`.
    var place: String {
        let sent = "sent as \(fix.recordedAt.rfc3339)"
        guard let written = point.writtenTime else {
            return RecordingPlace.text(line: point.line, value: sent)
        }
        return RecordingPlace.text(line: written.line, value: "\(written.text.prefix(30)), \(sent)")
    }
}

extension RecordingTimeline {
    /// The recording as fixes of one vehicle, shifted in time so that the last one is at `end`.
    package func fixes(of vehicle: VehicleID, endingAt end: Timestamp) -> [RecordedFix] {
        let last = entries.last?.milliseconds ?? 0
        return entries.map { entry in
            let time = Timestamp(milliseconds: end.milliseconds &- (last &- entry.milliseconds))
            return RecordedFix(fix: entry.point.fix(of: vehicle, at: time), point: entry.point)
        }
    }
}

extension RecordedPoint {
    /// The point as a fix, without a speed or course that the server would refuse.
    fileprivate func fix(of vehicle: VehicleID, at time: Timestamp) -> Fix {
        Fix(
            vehicleID: vehicle, recordedAt: time, latitudeDegrees: latitudeDegrees,
            longitudeDegrees: longitudeDegrees,
            speedMetersPerSecond: speedMetersPerSecond.flatMap { (0...500).contains($0) ? $0 : nil },
            headingDegrees: courseDegrees.flatMap { (0...360).contains($0) ? $0 : nil },
            altitudeMeters: elevationMeters)
    }
}
