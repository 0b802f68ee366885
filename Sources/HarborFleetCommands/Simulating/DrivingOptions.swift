internal import ArgumentParser
internal import FleetSimulator
internal import HarborFleetSite

/// The options of `simulate` for vehicles that drive.
struct DrivingOptions: ParsableArguments {
    @Option(help: "How many vehicles drive. (default: 12)")
    var vehicles: Int?

    @Option(help: "Seconds from one fix of a vehicle to the next. (default: 1)")
    var intervalS: Double?

    @Option(
        help: "Seconds to drive, and to try again what is not answered. (default: until SIGINT or SIGTERM)")
    var durationS: Double?

    @Option(help: "A number that makes the vehicles take the same way again. (default: a random one)")
    var seed: UInt64?

    /// - Throws: `ValidationError` for a number out of its range, or an option beside `--gpx`.
    func validate(isReplay: Bool) throws {
        let given = vehicles != nil || intervalS != nil || durationS != nil || seed != nil
        guard !isReplay || !given else {
            throw ValidationError("--vehicles, --interval-s, --duration-s and --seed do not go with --gpx")
        }
        guard (1...100_000).contains(vehicles ?? 1) else {
            throw ValidationError("--vehicles is a number from 1 to 100000")
        }
        try Self.check("--interval-s", intervalS, from: 0.05, to: 3600)
        try Self.check("--duration-s", durationS, from: 0.05, to: 315_000_000)
    }

    /// The run that they describe, through the harbour quarter.
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
        // A NaN is in no range.
        guard let number, !(lowest...Double(highest)).contains(number) else { return }
        throw ValidationError("\(option) is a number from \(lowest) to \(highest)")
    }
}
