import HarborFleet

/// Reads the track points of a GPX 1.0 or 1.1 file, of all tracks and segments in the order of the file.
/// Waypoints and routes are no recording and are skipped.
package struct GPXReader {
    /// The biggest file that is read: some weeks of one point a second.
    package static let sizeLimit = 64 * 1024 * 1024

    package private(set) var points: [RecordedPoint] = []
    /// Track points whose `lat` or `lon` is missing or no number.
    package private(set) var pointsWithoutPosition = 0

    private var path: [String] = []
    private var current: RecordedPoint?
    private var text = ""

    /// - Throws: `SimulatorError.unusableRecording` when `file` is too big, no well-formed XML, or not GPX.
    package init(_ file: [UInt8]) throws(SimulatorError) {
        guard file.count <= Self.sizeLimit else { throw .unusableRecording("it is bigger than 64 MiB") }
        guard !file.starts(with: [0xFF, 0xFE]), !file.starts(with: [0xFE, 0xFF]) else {
            throw .unusableRecording("it is written in UTF-16; only UTF-8 is read")
        }
        var scanner = XMLScanner(file)
        while let token = try scanner.next() { try take(token) }
        guard !points.isEmpty || pointsWithoutPosition > 0 else {
            throw .unusableRecording("it has no track point (trkpt)")
        }
    }

    private mutating func take(_ token: XMLToken) throws(SimulatorError) {
        switch token {
        case .start(let name, let attributes):
            guard !path.isEmpty || name == "gpx" else { throw .unusableRecording("it is no GPX file") }
            path.append(name)
            text = ""
            if name == "trkpt" { beginPoint(attributes) }
        case .text(let piece):
            if current != nil { text += piece }
        case .end(let name):
            endElement(name)
            path.removeLast()
        }
    }

    private mutating func beginPoint(_ attributes: [String: String]) {
        guard let latitude = Self.number(attributes["lat"]), let longitude = Self.number(attributes["lon"])
        else {
            pointsWithoutPosition += 1
            return
        }
        current = RecordedPoint(latitudeDegrees: latitude, longitudeDegrees: longitude)
    }

    /// `speed` and `course` are elements of their own in GPX 1.0 and stand in extensions in 1.1.
    private mutating func endElement(_ name: String) {
        guard var point = current else { return }
        let isDirect = path.dropLast().last == "trkpt"
        switch name {
        case "trkpt":
            points.append(point)
            current = nil
            return
        case "ele" where isDirect: point.elevationMeters = Self.number(text)
        case "time" where isDirect: point.time = Self.time(text)
        case "speed": point.speedMetersPerSecond = Self.number(text)
        case "course": point.courseDegrees = Self.number(text)
        default: return
        }
        current = point
    }

    private static func number(_ text: String?) -> Double? {
        guard let text, let value = Double(trimmed(text)), value.isFinite else { return nil }
        return value
    }

    /// A time without an offset is UTC, as both versions of GPX say.
    private static func time(_ text: String) -> Timestamp? {
        let text = trimmed(text)
        return RFC3339.parse(text) ?? RFC3339.parse(text + "Z")
    }

    private static func trimmed(_ text: String) -> String {
        let body = text.drop { $0.isWhitespace }
        return String(body.reversed().drop { $0.isWhitespace }.reversed())
    }
}
