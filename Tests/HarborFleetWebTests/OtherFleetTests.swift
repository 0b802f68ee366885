import HarborFleetTesting
import Telemetry
import Testing

@testable import HarborFleet
@testable import HarborFleetWeb

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
    /// One second for all POSTs of a test: only then two of one body are the same.
    private let now = SystemWallClock().now().milliseconds / 1_000

    @Test func theSamePost_toAnotherFleet_isAnsweredLikeAWrongSignature_andARepeatIsHarmless() async throws {
        try await withServer(.memory) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body, timestamp: now).status == 202)
            #expect(try await server.post(body, timestamp: now).text.contains("\"duplicates\":1"))
            let moved = try await server.post(body, to: "south", fields: Self.id, timestamp: now)
            let wrong = try await server.post(body, to: "south", fields: Self.id, key: [9], timestamp: now)
            #expect(moved.status == 401 && moved.body == wrong.body)
            #expect(try await server.post(body, timestamp: now).status == 202)
            // Another body of the same id and second is another POST.
            #expect(
                try await server.post(WebServer.body(["van-2"]), to: "south", timestamp: now).status == 202)
        }
    }

    @Test func aPostThatWasRefused_isStillForItsFleet() async throws {
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

    /// Its head may come at the end of the tolerance, and its body 300 s later.
    @Test func aPostWhoseBodyIsSlow_isStillKnown_whenTheToleranceIsOver() throws {
        let seen = SeenPosts()
        let partner = try #require(PartnerID("acme"))
        let (north, south) = (try #require(FleetID("north")), try #require(FleetID("south")))
        let signature = try WebhookSignature(
            id: "msg_1", timestamp: "1000", signature: "v1," + String(repeating: "A", count: 43) + "=")
        func admit(to fleet: FleetID, at seconds: Int64) throws {
            try seen.admit(
                signature, bodyHash: [1], of: partner, to: fleet,
                now: Timestamp(milliseconds: seconds * 1_000))
        }
        try admit(to: north, at: 1_000)
        #expect(throws: IngestRefusal.self) { try admit(to: south, at: 1_600) }
        try admit(to: south, at: 1_601)
    }

    @Test func aForgedPost_isNotNoted() async throws {
        try await withServer(.memory) { (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            #expect(try await server.post(body, key: [9], timestamp: now).status == 401)
            #expect(try await server.post(body, to: "south", timestamp: now).status == 202)
        }
    }

    @Test func whereTheMemberIsRequired_aBodyWithoutItIs422_andOneWithItGoesNowhereElse() async throws {
        try await withServer(.member) { (server: WebServer) async throws in
            let bare = WebServer.body(["van-1"])
            let refused = try await server.post(bare, timestamp: now)
            #expect(refused.status == 422 && refused.text.contains("\"pointer\":\"/fleet_id\""))
            #expect(refused.text.contains("The body is not taken: /fleet_id is missing."))
            let bound = Array(#"{"fleet_id":"north","#.utf8) + bare.dropFirst()
            #expect(try await server.post(bound, timestamp: now).status == 202)
            let moved = try await server.post(bound, to: "south", timestamp: now)
            #expect(moved.status == 422 && moved.text.contains("\"pointer\":\"/fleet_id\""))
            #expect(server.fixes.count == 1)
        }
    }

    @Test func aPartnerOfOneFleet_mayNameIt_butNoOther() async throws {
        try await withServer(.oneFleet) { (server: WebServer) async throws in
            let bare = WebServer.body(["van-1"])
            #expect(try await server.post(bare, timestamp: now).status == 202)
            let bound = Array(#"{"fleet_id":"north","#.utf8) + bare.dropFirst()
            let taken = try await server.post(bound, timestamp: now)
            #expect(taken.status == 202 && taken.text.contains("\"ignored\":[]"))
            #expect(try await server.post(bound, to: "south", timestamp: now).status == 422)
        }
    }

    @Test func theMemory_isBounded_andWhatWentIsCounted() throws {
        let registry = PrometheusRegistry()
        let seen = SeenPosts(limit: 10, factory: registry)
        let (partner, north) = (try #require(PartnerID("acme")), try #require(FleetID("north")))
        let now = Timestamp(milliseconds: 1_795_194_000_000)
        for number in 0..<15 {
            let signature = try WebhookSignature(
                id: "msg-\(number)", timestamp: "\(1_795_194_000 + number)", signature: "v1,AAAA")
            try seen.admit(signature, bodyHash: [1], of: partner, to: north, now: now)
        }
        let text = String(decoding: registry.exposition(.prometheus), as: UTF8.self)
        #expect(text.contains("harbor_ingest_seen_posts 10"))
        #expect(text.contains("harbor_ingest_seen_evicted_total 5"))
        let other = try #require(FleetID("south"))
        let last = try WebhookSignature(id: "msg-14", timestamp: "1795194014", signature: "v1,AAAA")
        #expect(throws: IngestRefusal(.otherFleet, fleetID: other, partnerID: partner)) {
            try seen.admit(last, bodyHash: [1], of: partner, to: other, now: now)
        }
        // Of another partner it is another POST.
        try seen.admit(last, bodyHash: [1], of: try #require(PartnerID("b")), to: other, now: now)
        try seen.admit(last, bodyHash: [2], of: partner, to: other, now: now)
    }
}
