import HarborFleet

@testable import FleetSimulator

/// Makes the text of a GPX file with one track and one point per line. The first point is on line 3.
enum GPXFile {
    /// The time at which tests read the file.
    static let now = Timestamp(milliseconds: 1_796_083_200_000)

    /// - Parameter segments: the time of each point; nil for a point without a time.
    static func text(_ segments: [[String?]]) -> String {
        let text = segments.map { times in
            "<trkseg>\n" + times.map(point).joined(separator: "\n") + "\n</trkseg>"
        }
        return "<gpx><trk>\n" + text.joined(separator: "\n") + "\n</trk></gpx>"
    }

    private static func point(_ time: String?) -> String {
        "<trkpt lat=\"53.5\" lon=\"9.9\">" + (time.map { "<time>\($0)</time>" } ?? "") + "</trkpt>"
    }

    /// Reads a file as `simulate` does.
    static func timeline(
        _ segments: [[String?]], assumedIntervalMilliseconds: Int64? = nil
    ) throws -> RecordingTimeline {
        let reader = try GPXReader(Array(text(segments).utf8))
        return try RecordingTimeline(
            reader.segments, assumedIntervalMilliseconds: assumedIntervalMilliseconds, now: now)
    }
}
