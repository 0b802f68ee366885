package import HarborFleet

/// One track point of a recording, as it stands in the file.
package struct RecordedPoint: Equatable, Sendable {
    /// A time as it stands in the file.
    package struct WrittenTime: Equatable, Sendable {
        package var text: String
        /// The line that its element begins on, counted from 1.
        package var line: Int

        package init(_ text: String, line: Int) {
            self.text = text
            self.line = line
        }
    }

    /// The line that it begins on, counted from 1.
    package var line: Int
    package var latitudeDegrees: Double
    package var longitudeDegrees: Double
    package var elevationMeters: Double?
    /// nil when there is none, or it cannot be read.
    package var time: Timestamp?
    /// nil when there is none.
    package var writtenTime: WrittenTime?
    package var speedMetersPerSecond: Double?
    package var courseDegrees: Double?

    package init(
        line: Int, latitudeDegrees: Double, longitudeDegrees: Double, elevationMeters: Double? = nil,
        time: Timestamp? = nil, writtenTime: WrittenTime? = nil, speedMetersPerSecond: Double? = nil,
        courseDegrees: Double? = nil
    ) {
        self.line = line
        self.latitudeDegrees = latitudeDegrees
        self.longitudeDegrees = longitudeDegrees
        self.elevationMeters = elevationMeters
        self.time = time
        self.writtenTime = writtenTime
        self.speedMetersPerSecond = speedMetersPerSecond
        self.courseDegrees = courseDegrees
    }

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
