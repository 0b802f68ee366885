import FleetAccess
import HarborFleetTesting
import HarborFleetWebTesting
import StoreCache
import Telemetry
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// A POST that was signed for one fleet of its partner and is sent to another.
@Suite(.timeLimit(.minutes(1))) struct OtherFleetTests {
    private func withServer(
        _ binding: FleetBinding, _ body: (WebServer) async throws -> Void
    ) async throws {
        try await WebServer.with { server in
            let partner = try #require(PartnerID("acme"))
            for fleet in ["north", "south"] {
                let secret = SigningSecret(
                    partnerID: partner, key: WebServer.signingKey, fleetBinding: binding)
                server.store.put([secret], for: try #require(FleetID(fleet)))
            }
            try await body(server)
        }
    }

    private static let id = ["X-Request-Id: same"]
    /// All POSTs of a test have this second. Two POSTs of one body are the same only within one second.
    private let now = SystemWallClock().now().milliseconds / 1_000

    @Test func post_isRefusedLikeAWrongSignature_whenItIsSentToASecondFleet() async throws {
        try await withServer(.memory) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body, timestamp: now).status == 202)
            #expect(try await server.post(body, timestamp: now).text.contains("\"duplicates\":1"))
            let moved = try await server.post(body, to: "south", fields: Self.id, timestamp: now)
            let wrong = try await server.post(body, to: "south", fields: Self.id, key: [9], timestamp: now)
            #expect(moved.status == 401 && moved.body == wrong.body)
            #expect(try await server.post(body, timestamp: now).status == 202)
            // Another body with the same id and second is another POST.
            #expect(
                try await server.post(WebServer.body(["van-2"]), to: "south", timestamp: now).status == 202)
        }
    }

    @Test func refusedPost_stillBelongsToItsFleet() async throws {
        try await withServer(.memory) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            server.fixes.failRecording { _ in StoreError(.unavailable, detail: "away") }
            #expect(try await server.post(body, timestamp: now).status == 503)
            server.fixes.failRecording(nil)
            #expect(try await server.post(body, to: "south", timestamp: now).status == 401)
            let broken = Array("{".utf8)
            #expect(try await server.post(broken, timestamp: now).status == 400)
            #expect(try await server.post(broken, to: "south", timestamp: now).status == 401)
        }
    }

    @Test func forgedPost_isNotRemembered() async throws {
        try await withServer(.memory) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body, key: [9], timestamp: now).status == 401)
            #expect(try await server.post(body, to: "south", timestamp: now).status == 202)
        }
    }

    @Test func bodyWithoutFleetID_is422_whenTheMemberIsRequired() async throws {
        try await withServer(.member) { (server: WebServer) async throws in
            let bare = WebServer.body(["van-1"])
            let refused = try await server.post(bare, timestamp: now)
            #expect(refused.status == 422 && refused.text.contains("\"pointer\":\"/fleet_id\""))
            #expect(refused.text.contains("The body is not valid: /fleet_id is missing."))
            let bound = Array(#"{"fleet_id":"north","#.utf8) + bare.dropFirst()
            #expect(try await server.post(bound, timestamp: now).status == 202)
            let moved = try await server.post(bound, to: "south", timestamp: now)
            #expect(moved.status == 422 && moved.text.contains("\"pointer\":\"/fleet_id\""))
            #expect(server.fixes.count == 1)
        }
    }

    @Test func partnerOfOneFleet_mayNameItAndNoOther() async throws {
        try await withServer(.oneFleet) { (server: WebServer) async throws in
            let bare = WebServer.body(["van-1"])
            #expect(try await server.post(bare, timestamp: now).status == 202)
            let bound = Array(#"{"fleet_id":"north","#.utf8) + bare.dropFirst()
            let taken = try await server.post(bound, timestamp: now)
            #expect(taken.status == 202 && taken.text.contains("\"ignored\":[]"))
            #expect(try await server.post(bound, to: "south", timestamp: now).status == 422)
        }
    }
}
