import HarborFleet
import Randomness

/// Vehicles that drive together, and their fixes.
package struct DrivingFleet: Sendable {
    private let network: StreetNetwork
    private var vehicles: [(id: VehicleID, vehicle: DrivingVehicle)] = []
    private var lastRecordedAt = Timestamp(milliseconds: .min)

    /// - Parameters:
    ///   - count: the number of vehicles; their ids are `van-1` and so on.
    ///   - seed: determines where they start and how they drive.
    package init(count: Int, on network: StreetNetwork, seed: UInt64) {
        self.network = network
        var random = SeededGenerator(seed: seed)
        vehicles.reserveCapacity(count)
        for number in 0..<max(count, 0) {
            guard let id = VehicleID("van-\(number + 1)") else { continue }
            vehicles.append((id, DrivingVehicle(on: network, seed: random.next())))
        }
    }

    /// Drives on for `seconds` and returns a fix of each vehicle.
    /// - Parameter now: the time of the fixes; if the clock was set back, they get one millisecond after the
    ///   last, because two fixes of a vehicle with one time would count as one.
    mutating func advance(bySeconds seconds: Double, now: Timestamp) -> [Fix] {
        let earliest = lastRecordedAt.milliseconds &+ 1
        lastRecordedAt = Timestamp(milliseconds: max(now.milliseconds, earliest))
        return vehicles.indices.map { index in
            vehicles[index].vehicle.advance(bySeconds: seconds, in: network)
            return fix(of: vehicles[index].vehicle, id: vehicles[index].id)
        }
    }

    private func fix(of vehicle: DrivingVehicle, id: VehicleID) -> Fix {
        let (place, heading) = vehicle.position(in: network)
        let battery = Int(vehicle.batteryPercent.rounded())
        return Fix(
            vehicleID: id, recordedAt: lastRecordedAt,
            latitudeDegrees: Self.rounded(place.latitudeDegrees, 1e6),
            longitudeDegrees: Self.rounded(place.longitudeDegrees, 1e6),
            speedMetersPerSecond: Self.rounded(vehicle.speedMetersPerSecond, 100),
            headingDegrees: Self.rounded(heading, 10).truncatingRemainder(dividingBy: 360),
            accuracyMeters: 4, attributes: Array("{\"battery_pct\":\(battery)}".utf8))
    }

    /// Rounds to the precision of a receiver: six decimals of a degree are eleven centimetres.
    private static func rounded(_ value: Double, _ scale: Double) -> Double {
        (value * scale).rounded() / scale
    }
}
