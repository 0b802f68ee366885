import HarborFleet
import HarborFleetTesting
import Testing

@testable import FleetSimulator

@Suite(.timeLimit(.minutes(1))) struct SignedPosterTests {
    private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let clock = SkippingClock()

    @Test func posts_shareAConnection_andAreSignedWithTheirOwnID()
        async throws
    {
        let server = try ScriptedServer([.answer(status: 202, body: ScriptedServer.accepted)])
        defer { server.stop() }
        let poster = try poster(server.url)
        for _ in 0..<3 {
            #expect(try await poster.post([try Self.fix()]) == IngestResponse(accepted: 1))
        }
        let requests = server.requests
        #expect(requests.map(\.connection) == [1, 1, 1])
        #expect(Set(requests.compactMap { $0.message["webhook-id"] }).count == 3)
        let request = try #require(requests.first)
        #expect(request.message.start == "POST /api/v1/fleets/demo/fixes HTTP/1.1")
        #expect(request.message.fields.first == "host: 127.0.0.1:\(server.port)")
        let id = try #require(request.message["webhook-id"])
        let signature = try WebhookSigner(secret: secret).signature(
            id: id, unixSeconds: 1_700_000_000, body: Array(request.body.utf8))
        #expect(request.message["webhook-signature"] == signature)
        #expect(request.message["webhook-timestamp"] == "1700000000")
        #expect(
            request.body
                == #"{"fleet_id":"demo","fixes":[{"vehicle_id":"v-1","recorded_at":"1970-01-01T00:00:01.500Z","#
                + #""lat":53.5,"lng":-9.9,"#
                + #""speed_mps":8.2,"attributes":{"battery_pct":81}}]}"#)
    }

    @Test func post_isRepeatedWithTheSameIDAndBody_untilItIsAnswered() async throws {
        let server = try ScriptedServer([
            .answer(status: 503, headers: "Retry-After: 2\r\n"), .hangUp, .answer(status: 429),
            .answer(status: 202, body: ScriptedServer.accepted),
        ])
        defer { server.stop() }
        #expect(try await poster(server.url).post([try Self.fix()]) == IngestResponse(accepted: 1))
        let requests = server.requests
        #expect(requests.count == 4)
        #expect(Set(requests.map(\.body)).count == 1)
        #expect(Set(requests.map { $0.message["webhook-id"] }).count == 1)
        #expect(requests.map(\.connection) == [1, 1, 2, 2])
        let waits = clock.waits
        #expect(waits.count == 3)
        #expect((Duration.seconds(2)..<Duration.seconds(2.25)).contains(waits[0]))
    }

    @Test func post_isNotLost_whenTheServerClosedTheConnection() async throws {
        let server = try ScriptedServer([.acceptAndHangUp])
        defer { server.stop() }
        let poster = try poster(server.url)
        for _ in 0..<3 { #expect(try await poster.post([try Self.fix()]).accepted == 1) }
        // A close that the client sees too late costs a repeat and never a fix.
        #expect(Set(server.requests.compactMap { $0.message["webhook-id"] }).count == 3)
        #expect(server.requests.last?.connection == server.requests.count)
    }

    @Test func post_fails_whenItIsRefused() async throws {
        let server = try ScriptedServer([.answer(status: 401, body: #"{"detail":"wrong signature"}"#)])
        defer { server.stop() }
        await #expect(throws: SimulatorError.refused(status: 401, detail: "wrong signature")) {
            try await poster(server.url).post([try Self.fix()])
        }
        #expect(server.requests.count == 1)
    }

    @Test func post_isGivenUpAfterEightAttempts_whenTheServerHangsUp() async throws {
        let server = try ScriptedServer([.hangUp])
        defer { server.stop() }
        await #expect(
            throws: SimulatorError.unreachable(
                attempts: 8, detail: "the connection was closed in the middle of a response")
        ) {
            try await poster(server.url).post([try Self.fix()])
        }
        #expect(server.requests.count == 8)
    }

    @Test func post_fails_whenTheHostIsUnreachableOrUnknown() async throws {
        // A label of 64 characters is not valid (RFC 1035), so no resolver is asked.
        for url in ["http://127.0.0.1:1", "http://\(String(repeating: "a", count: 64)).invalid"] {
            await #expect(throws: SimulatorError.self) { try await poster(url).post([try Self.fix()]) }
        }
    }

    private func poster(_ url: String) throws -> SignedPoster {
        struct FixedClock: WallClock {
            func now() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_999) }
        }
        return SignedPoster(
            target: try PostTarget(url: url, fleet: try #require(FleetID("demo"))),
            signer: try WebhookSigner(secret: secret), clock: clock, wallClock: FixedClock())
    }

    private static func fix() throws -> Fix {
        Fix(
            vehicleID: try #require(VehicleID("v-1")), recordedAt: Timestamp(milliseconds: 1500),
            latitudeDegrees: 53.5, longitudeDegrees: -9.9, speedMetersPerSecond: 8.2, headingDegrees: .nan,
            attributes: Array(#"{"battery_pct":81}"#.utf8))
    }
}
