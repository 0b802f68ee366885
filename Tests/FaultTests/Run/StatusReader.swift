import HarborFleet
import HarborFleetTesting

/// Reads `GET status` of several fleets.
struct StatusReader: Sendable {
    private struct Status: Decodable {
        let vehicles: [Vehicle]
    }

    private struct Vehicle: Decodable {
        let vehicleID: String
        let recordedAt: String
        let receivedAt: String
        let lat: Double
        let lng: Double
        let speed: Double?
        let attributes: Attributes?

        enum CodingKeys: String, CodingKey {
            case vehicleID = "vehicle_id"
            case recordedAt = "recorded_at"
            case receivedAt = "received_at"
            case speed = "speed_mps"
            case lat, lng, attributes
        }

        struct Attributes: Decodable { let n: Int? }
    }

    struct NotServed: Error {
        let status: Int
        let text: String
    }

    let port: UInt16
    let fleets: [String]

    /// - Throws: `NotServed` when the status of a fleet is not 200, or the transport's error.
    func shown() async throws -> [VehicleName: ShownVehicle] {
        var shown: [VehicleName: ShownVehicle] = [:]
        for fleet in fleets {
            let response = try await APIClient(port: port).get("/api/v1/fleets/\(fleet)/status")
            guard response.status == 200 else {
                throw NotServed(status: response.status, text: response.text)
            }
            for vehicle in try response.json(Status.self).vehicles {
                let name = VehicleName(fleet: fleet, vehicle: vehicle.vehicleID)
                shown[name] = try Self.shown(vehicle)
            }
        }
        return shown
    }

    private static func shown(_ vehicle: Vehicle) throws -> ShownVehicle {
        guard let recorded = Timestamp(rfc3339: vehicle.recordedAt),
            let received = Timestamp(rfc3339: vehicle.receivedAt)
        else { throw NotServed(status: 200, text: vehicle.recordedAt) }
        return ShownVehicle(
            recordedAt: recorded.milliseconds, receivedAt: received.milliseconds,
            content: FixContent(
                number: vehicle.attributes?.n ?? -1, latitudeDegrees: vehicle.lat,
                longitudeDegrees: vehicle.lng, speedMetersPerSecond: vehicle.speed ?? -1))
    }
}
