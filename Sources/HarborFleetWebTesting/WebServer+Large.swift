package import Endpoint
package import HarborFleet
import HarborFleetAPI
import HarborFleetTesting
import Logging

extension WebServer {
    /// Puts this many vehicles into the store, before the fleet's tracker runs.
    package func insert(_ vehicles: Int, into fleet: String) throws -> FleetID {
        let id = try required(FleetID(fleet))
        let now = SystemWallClock().now()
        let rows = try (0..<vehicles).map { number in
            let vehicle = try required(VehicleID("v\(number)"))
            return StoredFix(
                fix: Fix(vehicleID: vehicle, recordedAt: now, latitudeDegrees: 53.5, longitudeDegrees: 9.9),
                receivedAt: now)
        }
        fixes.insert(rows, into: id)
        return id
    }

    /// Serves a test's own routes on the same loops while `body` runs.
    package func serving(_ router: Router, _ body: (_ port: UInt16) async throws -> Void) async throws {
        let endpoint = EndpointServer(
            EndpointConfiguration(), on: group, router: router, observer: SilentObserver(),
            errorResponder: ErrorMapping.responder(
                logger: .silent))
        try await endpoint.start()
        try await body(try required(endpoint.port))
        await endpoint.drain(within: .zero)
    }
}
