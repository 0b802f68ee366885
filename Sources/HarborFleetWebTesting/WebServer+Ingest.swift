import Crypto
import Foundation
import HarborFleet
package import HarborFleetTesting

extension WebServer {
    /// POSTs one signed fix for each named vehicle.
    package func post(_ vehicles: [String], to fleet: String = "north") async throws -> RawResponse {
        try await post(Self.body(vehicles), to: fleet)
    }

    /// POSTs a signed body, unchanged.
    /// - Parameter timestamp: the signature's timestamp, in seconds; now by default.
    package func post(
        _ body: [UInt8], to fleet: String = "north", fields: [String] = [], key: [UInt8] = signingKey,
        timestamp: Int64? = nil
    ) async throws -> RawResponse {
        let seconds = timestamp ?? SystemWallClock().now().milliseconds / 1_000
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("msg.\(seconds).".utf8) + Data(body), using: SymmetricKey(data: key))
        let signed = [
            "Content-Type: application/json", "webhook-id: msg", "webhook-timestamp: \(seconds)",
            "webhook-signature: v1,\(Data(code).base64EncodedString())",
        ]
        return try await request("POST", "/api/v1/fleets/\(fleet)/fixes", signed + fields, bytes: body)
    }

    /// A body with one fix, recorded now, for each named vehicle.
    package static func body(_ vehicles: [String]) -> [UInt8] {
        let now = SystemWallClock().now().rfc3339
        let fixes = vehicles.map { vehicle in
            "{\"vehicle_id\":\"\(vehicle)\",\"recorded_at\":\"\(now)\",\"lat\":53.5,\"lng\":9.9}"
        }
        return Array("{\"fixes\":[\(fixes.joined(separator: ","))]}".utf8)
    }
}
