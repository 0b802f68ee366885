import HarborFleet

/// Reads the track points of a GPX 1.0 or 1.1 file by segment, in the order of the file. It skips waypoints and
/// routes, which are not recordings.
package struct GPXReader {
    /// The largest file that is read: some weeks with one point a second.
    package static let sizeLimit = 64 * 1024 * 1024

    /// The points with a valid position, of each segment that has any.
    package private(set) var segments: [[RecordedPoint]] = []
    /// Points without a position that the server accepts.
    private(set) var flawed = FlawedPoints()
    /// Where the file is cut off: `<trkseg> on line 812`. `segments` has everything that was complete before.
    package private(set) var cutOff: String?

    private var hasRoot = false
    private var path: [String] = []
    private var current: RecordedPoint?
    private var text = ""
    /// The line on which the last element begins.
    private var elementLine = 0
    /// Whether the file has waypoints, or points of a route.
    private var hasOtherPoints = false

    /// - Throws: `SimulatorError.unusableRecording` when `file` is too large, is not well-formed XML or not GPX,
    ///   or has no complete track point.
    package init(_ file: [UInt8]) throws(SimulatorError) {
        guard file.count <= Self.sizeLimit else { throw .unusableRecording("it is larger than 64 MiB") }
        guard !file.isEmpty else { throw .unusableRecording("it is empty") }
        var scanner = XMLScanner(try XMLEncoding.readable(file))
        while let token = try scanner.next() { try take(token, line: scanner.line) }
        segments.removeAll { $0.isEmpty }
        guard !segments.isEmpty else { throw .unusableRecording(whyWithoutPoints) }
    }

    /// The number of points that are not sent.
    package var leftOut: Int { flawed.count }

    /// What is not sent and why, in sentences.
    package var notes: [String] {
        flawed.sentences.map { "left out \($0)" }
            + (cutOff.map { ["the file is cut off in \($0); the points before that are sent"] } ?? [])
    }

    private mutating func take(_ token: XMLToken, line: Int) throws(SimulatorError) {
        switch token {
        case .start(let name, let attributes):
            guard !path.isEmpty || name == "gpx" else {
                throw .unusableRecording("it is not a GPX file: its root is <\(name)>")
            }
            path.append(name)
            text = ""
            elementLine = line
            hasRoot = true
            beginElement(name, attributes, line: line)
        case .text(let piece):
            if current != nil { text += piece }
        case .end(let name):
            endElement(name)
            path.removeLast()
        case .cutOff(let place):
            cutOff = "\(place) on line \(line)"
        }
    }

    private mutating func beginElement(_ name: String, _ attributes: [String: String], line: Int) {
        switch name {
        case "trkpt": beginPoint(attributes, line: line)
        // GPX does not allow a track without segments; its points count as one segment.
        case "trk", "trkseg": segments.append([])
        case "wpt", "rtept": hasOtherPoints = true
        default: break
        }
    }

    private mutating func beginPoint(_ attributes: [String: String], line: Int) {
        let position = RecordedPosition(latitude: attributes["lat"], longitude: attributes["lon"])
        if let flaw = position.flaw {
            flawed.add(flaw, RecordingPlace.text(line: line, value: position.written))
        } else {
            current = RecordedPoint(
                line: line, latitudeDegrees: position.latitudeDegrees,
                longitudeDegrees: position.longitudeDegrees)
        }
    }

    /// In GPX 1.0 `speed` and `course` are elements of the point, in 1.1 they are in extensions.
    private mutating func endElement(_ name: String) {
        guard var point = current else { return }
        let isDirect = path.dropLast().last == "trkpt"
        switch name {
        case "trkpt":
            if segments.isEmpty { segments.append([]) }
            segments[segments.count - 1].append(point)
            current = nil
            return
        case "ele" where isDirect: point.elevationMeters = RecordedNumber.parse(text)
        case "time" where isDirect: point.setTime(text, line: elementLine)
        case "speed": point.speedMetersPerSecond = RecordedNumber.parse(text)
        case "course": point.courseDegrees = RecordedNumber.parse(text)
        default: return
        }
        current = point
    }

    private var whyWithoutPoints: String {
        if flawed.count > 0 {
            return "none of its points has a usable position (\(flawed.sentences.joined(separator: "; ")))"
        }
        if let cutOff { return "it is cut off in \(cutOff), before its first complete track point" }
        guard hasRoot else { return "it is not a GPX file: it has no element" }
        return "it has no track point (trkpt)" + (hasOtherPoints ? ", only waypoints or a route" : "")
    }
}

extension RecordedPoint {
    fileprivate mutating func setTime(_ text: String, line: Int) {
        let text = XMLSpace.trimmed(text)
        writtenTime = text.isEmpty ? nil : WrittenTime(text: text, line: line)
        time = RecordedTime.parse(text)
    }
}
