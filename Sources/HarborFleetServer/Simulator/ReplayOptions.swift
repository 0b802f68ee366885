import ArgumentParser
import HarborFleet

/// The options of `simulate` for a recorded track.
struct ReplayOptions: ParsableArguments {
    /// A recording made ready to be sent.
    struct Recording {
        var fixes: [Fix]
        var leftOut: Int
        var summary: String
    }

    @Option(help: "A recorded track to replay, GPX 1.0 or 1.1.")
    var gpx: String?

    @Option(help: "The vehicle that the recording's fixes are of; needed with --gpx.")
    var vehicle: String?

    @Option(help: "Send at so many times real time. (default: as fast as the server accepts)")
    var speed: Double?

    @Option(
        help: "The time of the last point, RFC 3339; all others keep their distance to it. (default: now)")
    var end: String?

    @Option(
        help: """
            Put a point without a usable, rising time so many seconds behind the one before it. \
            (default: such points are left out)
            """)
    var assumeIntervalS: Double?

    /// - Throws: `ValidationError` for a value out of its form, or an option without `--gpx`.
    func validateUse() throws {
        guard gpx != nil else {
            guard vehicle == nil, speed == nil, end == nil, assumeIntervalS == nil else {
                throw ValidationError("--vehicle, --speed, --end and --assume-interval-s need --gpx")
            }
            return
        }
        _ = try vehicleID()
        _ = try endTime()
        guard (0.001...1_000_000).contains(speed ?? 1) else {
            throw ValidationError("--speed is a number from 0.001 to 1000000")
        }
        guard (0.001...86_400).contains(assumeIntervalS ?? 1) else {
            throw ValidationError("--assume-interval-s is a number from 0.001 to 86400")
        }
    }

    /// Reads the file. The time of the call is that of the last point unless `--end` says another.
    /// - Returns: nil without `--gpx`.
    /// - Throws: `SimulatorError.unusableRecording`.
    func recording() async throws -> Recording? {
        guard let gpx else { return nil }
        let (vehicle, end) = (try vehicleID(), try endTime())
        // One byte more than accepted tells that it is too big.
        let reader = try GPXReader(try await NamedFile.read(gpx, upTo: GPXReader.sizeLimit + 1))
        let timeline = try RecordingTimeline(
            reader.points, assumedIntervalMilliseconds: assumeIntervalS.map { Int64(($0 * 1000).rounded()) })
        let fixes = timeline.fixes(of: vehicle, endingAt: end)
        return Recording(
            fixes: fixes, leftOut: timeline.leftOut + reader.pointsWithoutPosition,
            summary: Self.summary(fixes: fixes.count, timeline, reader))
    }

    private func vehicleID() throws -> VehicleID {
        guard let vehicle else { throw ValidationError("--gpx needs --vehicle VEHICLE_ID") }
        guard let id = VehicleID(vehicle) else {
            throw ValidationError("--vehicle is no vehicle's id: \(vehicle)")
        }
        return id
    }

    private func endTime() throws -> Timestamp {
        guard let end else { return SystemWallClock().now() }
        guard let time = RFC3339.parse(end) else {
            throw ValidationError("--end is no RFC 3339 time such as 2026-11-20T17:00:00Z: \(end)")
        }
        return time
    }

    private static func summary(fixes: Int, _ timeline: RecordingTimeline, _ reader: GPXReader) -> String {
        var text = "replaying \(fixes) points"
        if timeline.leftOut > 0 { text += ", left out \(timeline.leftOut) without a usable, rising time" }
        if reader.pointsWithoutPosition > 0 {
            text += ", left out \(reader.pointsWithoutPosition) without a place"
        }
        return text
    }
}
