import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct RemovedFleetTests {
    /// A loop remembers the cell of the status for longer than the fleet exists.
    @Test func statusOfARemovedFleet_isReleased() async throws {
        try await WebServer.with(publicRead: true) { server in
            let north = try #require(FleetID("north"))
            #expect(try await server.post(["van-1"]).status == 202)
            for coding in ["identity", "gzip"] {
                let path = "/api/v1/fleets/north/status"
                #expect(try await server.get(path, ["Accept-Encoding: \(coding)"]).status == 200)
            }
            let cell = try #require(server.fleets.cell(of: north))
            weak let snapshot = cell.snapshot
            weak let responses = cell.kept
            #expect(snapshot != nil && responses != nil)
            _ = try await server.fleets.load(try await server.fleets.toldRevision())
            try await server.fleetStore.removeFleet(north)
            #expect(try await server.fleets.load(try await server.fleets.toldRevision()))
            // This is a poll, because no event says that the last reference has gone.
            try await waitUntil { snapshot == nil && responses == nil }
            #expect(try await server.get("/api/v1/fleets/north/status").status == 404)
        }
    }
}
