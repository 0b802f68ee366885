import HarborFleet

/// One track point of a recording, as it stands in the file.
package struct RecordedPoint: Equatable, Sendable {
    /// A time as it stands in the file.
    struct WrittenTime: Equatable, Sendable {
        var text: String
        /// The line that its element begins on, counted from 1.
        var line: Int
    }

    /// The line that it begins on, counted from 1.
    var line: Int
    var latitudeDegrees: Double
    var longitudeDegrees: Double
    var elevationMeters: Double?
    /// nil when there is none, or it cannot be read.
    var time: Timestamp?
    /// nil when there is none.
    var writtenTime: WrittenTime?
    var speedMetersPerSecond: Double?
    var courseDegrees: Double?

    /// For messages: `line 12 (2026-06-01T10:00:00Z)`, the line being that of the time.
    var place: String {
        RecordingPlace.text(line: writtenTime?.line ?? line, value: writtenTime?.text)
    }
}

/// A place in the file of a recording, for messages.
enum RecordingPlace {
    private static let longestValue = 80

    /// The value is cut to a bearable length and without control characters: the file is a stranger's.
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
