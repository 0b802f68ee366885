internal import ArgumentParser
internal import FleetSimulator
internal import HarborFleetSite

/// The options of `simulate` for vehicles that drive by themselves.
struct DrivingOptions: ParsableArguments {
    @Option(help: "How many vehicles drive. (default: 12)")
    var vehicles: Int?

    @Option(help: "Seconds from one fix of a vehicle to the next. (default: 1)")
    var intervalS: Double?

    @Option(
        help: "Seconds to drive, and to retry POSTs without a response. (default: until SIGINT or SIGTERM)")
    var durationS: Double?

    @Option(help: "A number; the same number gives the same routes again. (default: a random one)")
    var seed: UInt64?

    /// - Throws: `ValidationError` for a number out of its range, or an option beside `--gpx`.
    func validate(isReplay: Bool) throws {
        let given = vehicles != nil || intervalS != nil || durationS != nil || seed != nil
        guard !isReplay || !given else {
            throw ValidationError(
                "--vehicles, --interval-s, --duration-s and --seed cannot be combined with --gpx")
        }
        guard (1...100_000).contains(vehicles ?? 1) else {
            throw ValidationError("--vehicles must be a number from 1 to 100000")
        }
        try Self.check("--interval-s", intervalS, from: 0.05, to: 3600)
        try Self.check("--duration-s", durationS, from: 0.05, to: 315_000_000)
    }

    /// The run that these options describe, through the harbour quarter.
    func run(sender: FixSender) throws(SimulatorError) -> DrivingRun {
        let network = try StreetNetwork(geoJSON: StaticAssets.harborQuarter)
        let fleet = DrivingFleet(
            count: vehicles ?? 12, on: network, seed: seed ?? UInt64.random(in: 0...UInt64.max))
        return DrivingRun(
            fleet: fleet, sender: sender, interval: .seconds(intervalS ?? 1),
            duration: durationS.map { .seconds($0) })
    }
}

extension ParsableArguments {
    /// - Throws: `ValidationError` for a number out of its range.
    static func check(_ option: String, _ number: Double?, from lowest: Double, to highest: Int) throws {
        // A NaN is in no range, so it is refused here.
        guard let number, !(lowest...Double(highest)).contains(number) else { return }
        throw ValidationError("\(option) must be a number from \(lowest) to \(highest)")
    }
}
