internal import ArgumentParser
internal import FleetSimulator
internal import HarborFleet
internal import Processes

/// The options of `simulate` for a recorded track.
struct ReplayOptions: ParsableArguments {
    /// A recording that is ready to be sent.
    struct Recording {
        var fixes: [RecordedFix]
        var leftOut: Int
        /// Notes for the person at the terminal: what is sent, and what is left out and why, line by line.
        var notes: [String]
    }

    @Option(help: "A recorded track to replay, GPX 1.0 or 1.1, up to 64 MiB.")
    var gpx: String?

    @Option(help: "The vehicle of the recording's fixes; required with --gpx.")
    var vehicle: String?

    @Option(help: "The multiple of real time at which to send. (default: as fast as possible)")
    var speed: Double?

    @Option(
        help: """
            The longest gap of the recording, in seconds, that --speed waits for. A longer gap is skipped, and a \
            message says where. (default: 3600)
            """)
    var maxGapS: Double?

    @Option(help: "The new time of the last point, RFC 3339; all others shift alike. (default: now)")
    var end: String?

    @Option(
        help: """
            The seconds by which a point without a usable, rising time is placed after the one before it. \
            (default: such points are left out)
            """)
    var assumeIntervalS: Double?

    @Flag(help: "Refuse a file that is cut off. (default: the points before the cut are sent)")
    var strict = false

    /// - Throws: `ValidationError` for a malformed value, or an option without `--gpx`.
    func validateUse() throws {
        guard gpx != nil else {
            guard vehicle == nil, speed == nil, maxGapS == nil, end == nil, assumeIntervalS == nil, !strict
            else {
                throw ValidationError(
                    "--vehicle, --speed, --max-gap-s, --end, --assume-interval-s and --strict need --gpx")
            }
            return
        }
        _ = try vehicleID()
        _ = try endTime()
        try Self.check("--speed", speed, from: 0.001, to: 1_000_000)
        try Self.check("--max-gap-s", maxGapS, from: 0.001, to: 315_000_000)
        try Self.check("--assume-interval-s", assumeIntervalS, from: 0.001, to: 86_400)
    }

    /// Reads the file. The last point gets the time of the call, unless `--end` gives another time.
    /// - Parameter clock: a date more than a day after its time counts as wrong, unless half of all dates do.
    /// - Returns: nil without `--gpx`.
    /// - Throws: `SimulatorError.unusableRecording` or `.unusableFile`.
    func recording(clock: any WallClock = SystemWallClock()) async throws -> Recording? {
        guard let gpx else { return nil }
        let now = clock.now()
        let (vehicle, end) = (try vehicleID(), try endTime() ?? now)
        let reader = try GPXReader(
            try await NamedFile.read(gpx) { path throws(WholeFile.Failure) in
                try WholeFile.bytes(at: path, limit: GPXReader.sizeLimit)
            })
        if strict, let cutOff = reader.cutOff {
            throw SimulatorError.unusableRecording("it is cut off in \(cutOff), and --strict refuses that")
        }
        let timeline = try RecordingTimeline(
            reader.segments,
            assumedIntervalMilliseconds: assumeIntervalS.map { Int64(($0 * 1000).rounded()) }, now: now)
        let fixes = timeline.fixes(of: vehicle, endingAt: end)
        let title = "replaying \(fixes.count) \(fixes.count == 1 ? "point" : "points")"
        return Recording(
            fixes: fixes, leftOut: timeline.leftOut + reader.leftOut,
            notes: [title] + reader.notes + timeline.notes)
    }

    /// The run that sends the recording at the requested speed.
    func run(of recording: Recording, sender: FixSender) -> ReplayRun {
        ReplayRun(
            fixes: recording.fixes, sender: sender, speed: speed, longestGap: .seconds(maxGapS ?? 3600))
    }

    private func vehicleID() throws -> VehicleID {
        guard let vehicle else { throw ValidationError("--gpx needs --vehicle VEHICLE_ID") }
        guard let id = VehicleID(vehicle) else {
            throw ValidationError("--vehicle is not a valid vehicle id: \(vehicle)")
        }
        return id
    }

    private func endTime() throws -> Timestamp? {
        guard let end else { return nil }
        guard let time = Timestamp(rfc3339: end) else {
            throw ValidationError("--end is not an RFC 3339 time such as 2026-11-20T17:00:00Z: \(end)")
        }
        return time
    }
}
