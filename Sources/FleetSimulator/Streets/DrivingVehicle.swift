import Randomness

/// A vehicle that drives through the streets, as a value: `advance` moves it on by a number of seconds.
///
/// It drives no faster than the street allows, slows down for sharp turns, and sometimes stops at a junction as
/// if to deliver something, so that a reader sees it idle.
struct DrivingVehicle: Sendable {
    /// What it does until it reaches the next junction. Next states: `driving` → `driving`, `stopped`; `stopped`
    /// → `driving`.
    enum Phase: Equatable, Sendable {
        case driving(stopsAtEnd: Bool)
        case stopped(secondsLeft: Double)
    }

    /// The limit for all streets and all vehicles.
    static let maximumSpeedMetersPerSecond = 14.0

    private(set) var exit: StreetNetwork.Exit
    private(set) var nextExit: StreetNetwork.Exit
    private(set) var phase: Phase
    /// The distance that it has travelled on `exit`.
    private(set) var traveledMeters: Double
    private(set) var speedMetersPerSecond = 0.0
    /// 0...100. Falls while the vehicle drives, rises while it stands.
    private(set) var batteryPercent: Double
    private var random: SeededGenerator

    /// Makes a vehicle that stands somewhere in `network`; the same seed gives the same route.
    init(on network: StreetNetwork, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let segment = Int.random(in: network.segments.indices, using: &random)
        exit = StreetNetwork.Exit(segment: segment, isForward: Bool.random(using: &random))
        nextExit = exit
        traveledMeters = network.segments[segment].lengthMeters * Double.random(in: 0...0.8, using: &random)
        batteryPercent = Double.random(in: 55...100, using: &random)
        phase = .driving(stopsAtEnd: false)
        chooseNext(in: network)
    }

    /// The vehicle's place and heading.
    func position(in network: StreetNetwork) -> (place: Coordinate, headingDegrees: Double) {
        network.position(on: exit, atMeters: traveledMeters)
    }

    /// Drives on for `seconds`, in steps small enough to brake in time. More than ten minutes count as ten
    /// minutes.
    mutating func advance(bySeconds seconds: Double, in network: StreetNetwork) {
        var left = min(max(seconds, 0), 600)
        while left > 0 {
            let step = min(left, 0.25)
            take(step, in: network)
            left -= step
        }
    }

    private mutating func take(_ seconds: Double, in network: StreetNetwork) {
        switch phase {
        case .stopped(let secondsLeft): rest(seconds, of: secondsLeft, in: network)
        case .driving(let stopsAtEnd): drive(seconds, stopsAtEnd: stopsAtEnd, in: network)
        }
    }

    private mutating func rest(_ seconds: Double, of secondsLeft: Double, in network: StreetNetwork) {
        batteryPercent = min(100, batteryPercent + seconds * 0.05)
        guard secondsLeft <= seconds else {
            phase = .stopped(secondsLeft: secondsLeft - seconds)
            return
        }
        turn(in: network)
    }

    private mutating func drive(_ seconds: Double, stopsAtEnd: Bool, in network: StreetNetwork) {
        let segment = network.segments[exit.segment]
        let remaining = segment.lengthMeters - traveledMeters
        let endSpeed = stopsAtEnd ? 0 : turnSpeed(in: network)
        let braked = (endSpeed * endSpeed + 2 * Pace.braking * max(0, remaining)).squareRoot()
        speedMetersPerSecond = min(
            speedMetersPerSecond + Pace.acceleration * seconds, braked, speedLimit(on: exit, in: network))
        batteryPercent = max(5, batteryPercent - speedMetersPerSecond * seconds * 0.0008)
        let way = speedMetersPerSecond * seconds
        // Braking to zero would never quite arrive, so the last half metre is skipped.
        guard way >= remaining || (stopsAtEnd && remaining < 0.5) else {
            traveledMeters += way
            return
        }
        arrive(stopsAtEnd: stopsAtEnd, restOfWay: max(0, way - remaining), in: network)
    }

    private mutating func arrive(stopsAtEnd: Bool, restOfWay: Double, in network: StreetNetwork) {
        guard stopsAtEnd else {
            turn(in: network)
            traveledMeters = min(restOfWay, network.segments[exit.segment].lengthMeters)
            return
        }
        traveledMeters = network.segments[exit.segment].lengthMeters
        speedMetersPerSecond = 0
        phase = .stopped(secondsLeft: Double.random(in: Pace.stopSeconds, using: &random))
    }

    /// Takes the exit that was chosen before.
    private mutating func turn(in network: StreetNetwork) {
        exit = nextExit
        traveledMeters = 0
        chooseNext(in: network)
        speedMetersPerSecond = min(speedMetersPerSecond, speedLimit(on: exit, in: network))
    }

    private func speedLimit(on exit: StreetNetwork.Exit, in network: StreetNetwork) -> Double {
        min(network.segments[exit.segment].speedLimitMetersPerSecond, Self.maximumSpeedMetersPerSecond)
    }

    /// Decides early what to do at the end of `exit`, because the vehicle may have to brake for it. It turns
    /// back only in a dead end.
    private mutating func chooseNext(in network: StreetNetwork) {
        let back = StreetNetwork.Exit(segment: exit.segment, isForward: !exit.isForward)
        let ways = network.junctions[network.end(of: exit)].filter { $0 != back }
        nextExit = ways.randomElement(using: &random) ?? back
        phase = .driving(stopsAtEnd: Double.random(in: 0..<1, using: &random) < Pace.stopProbability)
    }

    /// The speed at which the vehicle can turn from `exit` to `nextExit`.
    private func turnSpeed(in network: StreetNetwork) -> Double {
        let length = network.segments[exit.segment].lengthMeters
        let before = network.position(on: exit, atMeters: length).headingDegrees
        let after = network.position(on: nextExit, atMeters: 0).headingDegrees
        let difference = abs(before - after)
        let angle = min(difference, 360 - difference)
        return switch angle {
        case ..<25: speedLimit(on: nextExit, in: network)
        case ..<100: 4
        default: 1.5
        }
    }

    /// The manner of a careful driver of a small van.
    private enum Pace {
        /// m/s².
        static let acceleration = 1.4
        /// m/s².
        static let braking = 2.0
        /// The probability of a stop at a junction.
        static let stopProbability = 0.12
        static let stopSeconds = 15.0...60.0
    }
}
