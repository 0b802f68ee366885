import HarborFleet

/// One track point of a recording, as written in the file.
package struct RecordedPoint: Equatable, Sendable {
    /// A time as written in the file.
    struct WrittenTime: Equatable, Sendable {
        var text: String
        /// The line on which its element begins, counted from 1.
        var line: Int
    }

    /// The line on which the point begins, counted from 1.
    var line: Int
    var latitudeDegrees: Double
    var longitudeDegrees: Double
    var elevationMeters: Double?
    /// nil when the point has no time, or it cannot be read.
    var time: Timestamp?
    /// nil when the point has no time.
    var writtenTime: WrittenTime?
    var speedMetersPerSecond: Double?
    var courseDegrees: Double?

    /// The point's place for messages: `line 12 (2026-06-01T10:00:00Z)`, with the line of its time.
    var place: String {
        RecordingPlace.text(line: writtenTime?.line ?? line, value: writtenTime?.text)
    }
}

/// A place in the file of a recording, for messages.
enum RecordingPlace {
    private static let longestValue = 80

    /// The value is shortened, and its control characters are replaced, because the file is untrusted.
    static func text(line: Int, value: String?) -> String {
        guard let value else { return "line \(line)" }
        let printable = String.UnicodeScalarView(
            value.unicodeScalars.prefix(longestValue).map {
                $0.properties.generalCategory == .control ? "?" : $0
            })
        let ending = value.unicodeScalars.count > longestValue ? "…" : ""
        return "line \(line) (\(String(printable))\(ending))"
    }
}
