import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// The responses to a POST do not reveal which fleets exist.
@Suite(.timeLimit(.minutes(1))) struct UnknownFleetTests {
    private static let body = WebServer.body(["van-1"])
    private static let id = ["X-Request-Id: same"]

    private func isTheSame(_ response: RawResponse, as other: RawResponse) -> Bool {
        func fields(_ response: RawResponse) -> [String] { response.fields.filter { !$0.hasPrefix("date:") } }
        return response.status == other.status && fields(response) == fields(other)
            && response.body == other.body
    }

    private func withWrongSignature(_ server: WebServer) async throws -> RawResponse {
        let response = try await server.post(Self.body, to: "south", fields: Self.id, key: [9])
        #expect(response.status == 401)
        return response
    }

    @Test(arguments: ["nowhere", "-", "NORTH"])
    func unknownFleet_isAnsweredLikeAWrongSignature(_ fleet: String) async throws {
        try await WebServer.with { server in
            let response = try await server.post(Self.body, to: fleet, fields: Self.id)
            #expect(isTheSame(response, as: try await withWrongSignature(server)))
        }
    }

    /// The server still knows the secrets of the fleet's partners.
    @Test func removedFleet_isAnsweredLikeAWrongSignature() async throws {
        try await WebServer.with { server in
            let north = try #require(FleetID("north"))
            #expect(try await server.post(Self.body).status == 202)
            try await server.fleetStore.removeFleet(north)
            #expect(try await server.fleets.load(try await server.fleets.toldRevision()))
            let response = try await server.post(Self.body, fields: Self.id)
            #expect(isTheSame(response, as: try await withWrongSignature(server)))
        }
    }
}
