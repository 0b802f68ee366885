internal import ArgumentParser
internal import FleetSimulator
internal import HarborFleet
internal import Processes

/// The options of `simulate` for a recorded track.
struct ReplayOptions: ParsableArguments {
    /// A recording made ready to be sent.
    struct Recording {
        var fixes: [RecordedFix]
        var leftOut: Int
        /// What is sent, and what is not and why, line by line.
        var notes: [String]
    }

    @Option(help: "A recorded track to replay, GPX 1.0 or 1.1, up to 64 MiB.")
    var gpx: String?

    @Option(help: "The vehicle that the recording's fixes are of; needed with --gpx.")
    var vehicle: String?

    @Option(help: "The multiple of real time to send at. (default: as fast as the server accepts)")
    var speed: Double?

    @Option(
        help: """
            Seconds of the recording. With --speed, a longer gap is not waited for; a message says where it is. \
            (default: 3600)
            """)
    var maxGapS: Double?

    @Option(
        help: "The time of the last point, RFC 3339; all others keep their distance to it. (default: now)")
    var end: String?

    @Option(
        help: """
            Seconds. A point without a usable, rising time is put that far behind the one before it. \
            (default: it is left out)
            """)
    var assumeIntervalS: Double?

    @Flag(help: "Refuse a file that is cut off. (default: the points before the cut are sent)")
    var strict = false

    /// - Throws: `ValidationError` for a value out of its form, or an option without `--gpx`.
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

    /// Reads the file. The time of the call is that of the last point unless `--end` says another.
    /// - Parameter clock: dates more than a day later than its time are wrong, unless half of all are.
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

    /// The recording as a run, at the speed that was asked for.
    func run(of recording: Recording, sender: FixSender) -> ReplayRun {
        ReplayRun(
            fixes: recording.fixes, sender: sender, speed: speed, longestGap: .seconds(maxGapS ?? 3600))
    }

    private func vehicleID() throws -> VehicleID {
        guard let vehicle else { throw ValidationError("--gpx needs --vehicle VEHICLE_ID") }
        guard let id = VehicleID(vehicle) else {
            throw ValidationError("--vehicle is no vehicle's id: \(vehicle)")
        }
        return id
    }

    private func endTime() throws -> Timestamp? {
        guard let end else { return nil }
        guard let time = Timestamp(rfc3339: end) else {
            throw ValidationError("--end is no RFC 3339 time such as 2026-11-20T17:00:00Z: \(end)")
        }
        return time
    }
}
