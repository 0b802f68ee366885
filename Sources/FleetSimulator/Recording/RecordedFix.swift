package import HarborFleet

/// A fix of a replay, and the point that it was made of.
package struct RecordedFix: Equatable, Sendable {
    var fix: Fix
    var point: RecordedPoint

    /// For messages: `line 12 (2026-06-01T10:00:00Z, sent as 2026-11-20T17:00:00.000Z)`.
    var place: String {
        let sent = "sent as \(fix.recordedAt.rfc3339)"
        guard let written = point.writtenTime else {
            return RecordingPlace.text(line: point.line, value: sent)
        }
        return RecordingPlace.text(line: written.line, value: "\(written.text.prefix(30)), \(sent)")
    }
}

extension RecordingTimeline {
    /// The recording as fixes of one vehicle, moved in time so that the last is at `end`.
    package func fixes(of vehicle: VehicleID, endingAt end: Timestamp) -> [RecordedFix] {
        let last = entries.last?.milliseconds ?? 0
        return entries.map { entry in
            let time = Timestamp(milliseconds: end.milliseconds &- (last &- entry.milliseconds))
            return RecordedFix(fix: entry.point.fix(of: vehicle, at: time), point: entry.point)
        }
    }
}

extension RecordedPoint {
    /// A speed or a course that ingest would refuse is not part of it.
    fileprivate func fix(of vehicle: VehicleID, at time: Timestamp) -> Fix {
        Fix(
            vehicleID: vehicle, recordedAt: time, latitudeDegrees: latitudeDegrees,
            longitudeDegrees: longitudeDegrees,
            speedMetersPerSecond: speedMetersPerSecond.flatMap { (0...500).contains($0) ? $0 : nil },
            headingDegrees: courseDegrees.flatMap { (0...360).contains($0) ? $0 : nil },
            altitudeMeters: elevationMeters)
    }
}
