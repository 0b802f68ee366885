import FleetAccess
import HarborFleet
import HarborFleetTesting
import HarborFleetWebTesting
import StoreCache
import Testing

@testable import HarborFleetAPI

/// The limits of a partner's requests and fixes.
@Suite(.timeLimit(.minutes(1))) struct PartnerLimitTests {
    private func withServer(
        _ limits: PartnerLimits, _ recorderClock: ManualClock = ManualClock(),
        _ body: (WebServer) async throws -> Void
    ) async throws {
        try await WebServer.with(recorderClock: recorderClock) { server in
            try server.limit(limits)
            try await body(server)
        }
    }

    @Test func tooManyRequests_are429WithRetryAfter_overAllFleets() async throws {
        try await withServer(PartnerLimits(requestsPerSecond: 2)) { (server: WebServer) async throws in
            #expect(try await server.post(["van-1"]).status == 202)
            #expect(try await server.post(["van-1"], to: "south").status == 202)
            let refused = try await server.post(["van-1"])
            #expect(refused.status == 429)
            #expect(refused["Content-Type"] == "application/problem+json")
            #expect(refused["Retry-After"] == "1")
            #expect(refused.text.contains("rate-limited") && refused.text.contains("requests per second"))
            server.steadyClock.advance(by: .milliseconds(500))
            #expect(try await server.post(["van-1"]).status == 202)
        }
    }

    @Test func tooManyFixes_are429_withRetryAfterRoundedUp() async throws {
        try await withServer(PartnerLimits(fixesPerSecond: 10)) { (server: WebServer) async throws in
            let thousand = (0..<1_000).map { "van-\($0)" }
            #expect(try await server.post(thousand).status == 202)
            let refused = try await server.post(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"])
            #expect(refused.status == 429 && refused["Retry-After"] == "2")
            #expect(refused.text.contains("fixes per second"))
            #expect(try await server.post(thousand)["Retry-After"] == "100")
            server.steadyClock.advance(by: .seconds(100))
            #expect(try await server.post(thousand).status == 202)
            #expect(server.fixes.count <= 2_000)
        }
    }

    @Test func unauthenticatedClient_drawsNothingFromThePartnersBucket() async throws {
        try await withServer(PartnerLimits(fixesPerSecond: 1_000, requestsPerSecond: 1)) {
            (server: WebServer) async throws in
            let body = WebServer.body(["van-1"])
            for _ in 0..<5 { #expect(try await server.post(body, key: [9]).status == 401) }
            #expect(try await server.post(body).status == 202)
            #expect(try await server.post(body, key: [9]).status == 401)
            #expect(try await server.post(body).status == 429)
        }
    }

    @Test func unstoredPost_isNotCounted_andABrokenOneCountsAsARequest() async throws {
        let recorderClock = ManualClock()
        try await withServer(PartnerLimits(fixesPerSecond: 10, requestsPerSecond: 1), recorderClock) {
            (server: WebServer) async throws in
            let thousand = WebServer.body((0..<1_000).map { "van-\($0)" })
            server.fixes.failRecording { _ in StoreError(.unavailable, detail: "away") }
            for _ in 0..<3 { #expect(try await server.post(thousand).status == 503) }
            server.fixes.failRecording(nil)
            // The breaker refuses the next POST, which is not counted either.
            #expect(try await server.post(thousand).status == 503)
            recorderClock.advance(by: .seconds(1))
            #expect(try await server.post(thousand).status == 202)
            server.steadyClock.advance(by: .seconds(1))
            #expect(try await server.post(Array("{".utf8)).status == 400)
            let refused = try await server.post(WebServer.body(["van-1"]))
            #expect(refused.status == 429 && refused.text.contains("requests"))
            server.steadyClock.advance(by: .seconds(1))
            #expect(try await server.post(WebServer.body((0..<20).map { "van-\($0)" })).status == 202)
        }
    }

    @Test func rejectedPost_isCounted_andOneWithoutAPartitionIsNot() async throws {
        let recorderClock = ManualClock()
        try await withServer(PartnerLimits(fixesPerSecond: 10, requestsPerSecond: 1), recorderClock) {
            (server: WebServer) async throws in
            let thousand = WebServer.body((0..<1_000).map { "van-\($0)" })
            server.fixes.failRecording { _ in StoreError(.notYet, detail: "no partition") }
            for _ in 0..<3 { #expect(try await server.post(thousand).status == 503) }
            server.fixes.failRecording { _ in StoreError(.rejected, detail: "by a trigger") }
            #expect(try await server.post(thousand).status == 422)
            let asRequest = try await server.post(["van-1"])
            #expect(asRequest.status == 429 && asRequest.text.contains("requests"))
            server.steadyClock.advance(by: .seconds(1))
            let asFixes = try await server.post((0..<11).map { "van-\($0)" })
            #expect(asFixes.status == 429 && asFixes.text.contains("fixes"))
            server.fixes.failRecording(nil)
            #expect(try await server.post((0..<10).map { "van-\($0)" }).status == 202)
        }
    }

    @Test(arguments: [
        (#"{"fixes":[{"vehicle_id":"van-1"}]}"#, "identity", 422), (#"{"fixes":["#, "identity", 400),
        (#"{"fixes":[]}"#, "gzip", 400), (#"{"fixes":[]}"#, "br", 415),
    ])
    func invalidPost_countsAsARequest(_ body: String, _ coding: String, _ status: Int) async throws {
        try await withServer(PartnerLimits(requestsPerSecond: 1)) { (server: WebServer) async throws in
            let coded = ["Content-Encoding: \(coding)"]
            #expect(try await server.post(Array(body.utf8), fields: coded).status == status)
            #expect(try await server.post(Array(body.utf8), fields: coded).status == 429)
            server.steadyClock.advance(by: .seconds(1))
            #expect(try await server.post(["van-1"]).status == 202)
        }
    }

    @Test func onlyValidFixes_areCounted() async throws {
        try await withServer(PartnerLimits(fixesPerSecond: 1)) { (server: WebServer) async throws in
            let valid = String(decoding: WebServer.body(["van-1"]).dropLast(2), as: UTF8.self)
            let body = Array((valid + String(repeating: ",{}", count: 999) + "]}").utf8)
            #expect(try await server.post(body).status == 202)
            let rest = (0..<999).map { "van-\($0)" }
            #expect(try await server.post(rest).status == 202)
            #expect(try await server.post(["van-1"]).status == 429)
        }
    }

    @Test func newLimit_holdsFromTheNextChange() async throws {
        try await withServer(.none) { (server: WebServer) async throws in
            for _ in 0..<5 { #expect(try await server.post(["van-1"]).status == 202) }
            try server.limit(PartnerLimits(requestsPerSecond: 1))
            server.revision.changed()
            #expect(try await server.post(["van-1"]).status == 202)
            #expect(try await server.post(["van-1"]).status == 429)
            try server.limit(.none)
            server.revision.changed()
            for _ in 0..<5 { #expect(try await server.post(["van-1"]).status == 202) }
        }
    }
}

extension WebServer {
    /// Sets the limits of the partner that serves both fleets.
    func limit(_ limits: PartnerLimits) throws {
        let partner = try #require(PartnerID("acme"))
        for name in ["north", "south"] {
            let secret = SigningSecret(partnerID: partner, key: Self.signingKey, limits: limits)
            store.put([secret], for: try #require(FleetID(name)))
        }
    }
}
