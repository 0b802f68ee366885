import HarborFleet
import HarborFleetSite
import Testing

@testable import FleetSimulator

@Suite struct DrivingVehicleTests {
    @Test(arguments: [1 as UInt64, 2, 3])
    func vehicle_staysOnTheStreetsAndWithinTheirLimits_for10000Steps(_ seed: UInt64) throws {
        let network = try StreetNetwork(geoJSON: StaticAssets.harborQuarter)
        var vehicle = DrivingVehicle(on: network, seed: seed)
        var (stops, segments) = (0, Set<Int>())
        var previous = vehicle.position(in: network).place
        for _ in 0..<10_000 {
            vehicle.advance(bySeconds: 1, in: network)
            let segment = network.segments[vehicle.exit.segment]
            let place = vehicle.position(in: network).place
            try #require((0...segment.lengthMeters).contains(vehicle.traveledMeters))
            try #require((0...segment.speedLimitMetersPerSecond).contains(vehicle.speedMetersPerSecond))
            try #require(Self.distance(of: place, to: segment) < 0.5)
            try #require(previous.distanceMeters(to: place) <= 15)
            try #require((5...100).contains(vehicle.batteryPercent))
            previous = place
            segments.insert(vehicle.exit.segment)
            if case .stopped = vehicle.phase { stops += 1 }
        }
        #expect(segments.count > network.segments.count / 2)
        #expect((100..<9_000).contains(stops))
    }

    @Test func drive_isTheSame_withTheSameSeedOnly() throws {
        let network = try StreetNetwork(geoJSON: StaticAssets.harborQuarter)
        func drive(_ seed: UInt64) -> [Fix] {
            var fleet = DrivingFleet(count: 5, on: network, seed: seed)
            _ = fleet.advance(bySeconds: 60, now: Timestamp(milliseconds: 1000))
            return fleet.advance(bySeconds: 60, now: Timestamp(milliseconds: 2000))
        }
        #expect(drive(7) == drive(7))
        #expect(drive(7) != drive(8))
    }

    @Test func timesOfFixes_rise_whenTheClockIsSetBack() throws {
        let network = try StreetNetwork(geoJSON: StaticAssets.harborQuarter)
        var fleet = DrivingFleet(count: 1, on: network, seed: 1)
        let times = [5000, 4000, 4000, 9000].flatMap {
            fleet.advance(bySeconds: 1, now: Timestamp(milliseconds: $0)).map(\.recordedAt.milliseconds)
        }
        #expect(times == [5000, 5001, 5002, 9000])
    }

    private static func distance(of place: Coordinate, to segment: StreetSegment) -> Double {
        stride(from: 0, through: segment.lengthMeters + 0.4, by: 0.4)
            .map { segment.position(atMeters: $0).place.distanceMeters(to: place) }.min() ?? .infinity
    }
}
