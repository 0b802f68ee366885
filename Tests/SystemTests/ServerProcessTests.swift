import Foundation
import HarborFleetTesting
import Testing

/// The tool that the other tests of this target rely on.
@Suite struct ServerProcessTests {
    private struct Status: Decodable {
        struct Vehicle: Decodable {
            let vehicleID: String

            enum CodingKeys: String, CodingKey { case vehicleID = "vehicle_id" }
        }
        let vehicles: [Vehicle]
    }

    @Test(.timeLimit(.minutes(2)))
    func server_keepsWhatItAcknowledged_whenItIsKilledAndStartedAgain() async throws {
        let server = try await ServerProcess()
        try await server.start()
        try await server.addFleet("harbor-north")
        let secret = try await server.addPartner("courier", fleets: ["harbor-north"])
        let token = try await server.addToken("desk", fleets: ["harbor-north"])
        let client = APIClient(port: server.publicPort, token: token, secret: secret)
        let time = Date().formatted(.iso8601)
        let post = try await client.post(
            fixes: #"{"fixes":[{"vehicle_id":"van-7","recorded_at":"\#(time)","lat":53.5,"lng":10}]}"#,
            to: "harbor-north")
        #expect(post.status == 202, "\(post.text)")
        #expect(server.residentBytes > 1_000_000)

        #expect(await server.stop(SIGKILL) == .signal(SIGKILL))
        try await server.start()
        let status = try await client.get("/api/v1/fleets/harbor-north/status")
        #expect(try status.json(Status.self).vehicles.map(\.vehicleID) == ["van-7"])

        #expect(await server.stop(SIGINT) == .code(0))
    }
}
