import FleetWire
import Foundation
import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

@Suite(.timeLimit(.minutes(1))) struct OpenAPITests {
    private let bytes = OpenAPIController.document.bytes

    @Test func document_describesTheRoutes() throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        #expect(
            Set(paths.keys) == [
                "/health", "/ready", "/api/v1/fleets", "/api/v1/fleets/{fleet_id}/status",
                "/api/v1/fleets/{fleet_id}/vehicles/{vehicle_id}",
                "/api/v1/fleets/{fleet_id}/vehicles/{vehicle_id}/track", "/api/v1/fleets/{fleet_id}/fixes",
                "/api/v1/fleets/{fleet_id}/live", "/session", "/api/v1/openapi.json",
            ])
    }

    @Test func document_statesTheLimitsOfTheServer() throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        func member(_ path: String...) -> [String: Any]? {
            path.reduce(document) { object, name in object?[name] as? [String: Any] }
        }
        let ignored = member("components", "schemas", "IngestReceipt", "properties", "ignored")
        #expect(ignored?["maxItems"] as? Int == FixRules(now: Timestamp(milliseconds: 0)).maximumIgnoredNames)
        let errors = member("components", "schemas", "Problem", "properties", "errors")
        #expect(errors?["maxItems"] as? Int == Problem.maximumErrors)
        let id = try #require(member("components", "securitySchemes", "webhookID")?["description"] as? String)
        #expect(id.contains("at most \(WebhookSignature.maximumIDBytes) bytes"))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("must be between -90 and 90") && !text.contains("must be from"))
    }

    private static let north = "/api/v1/fleets/north"

    /// Requests of an unauthenticated client that may read, with the status of the response.
    private static let requests: [(method: String, path: String, fields: [String], status: Int)] = [
        ("GET", "/health", [], 200), ("GET", "/ready", [], 200), ("GET", "/nowhere", [], 404),
        ("GET", "/api/v1/openapi.json", [], 200), ("GET", "/api/v1/fleets", [], 200),
        ("DELETE", "/api/v1/fleets", [], 405), ("GET", "/api/v1/fleets?limit=1", [], 400),
        ("GET", "/api/v1/fleets", ["Origin: http://evil.example"], 403),
        ("GET", "/api/v1/fleets", ["Host: evil.example"], 421),
        ("GET", "\(north)/status", [], 200), ("HEAD", "\(north)/status", [], 200),
        ("GET", "\(north)/status", ["Accept-Encoding: gzip"], 200),
        ("GET", "\(north)/status", ["If-Match: \"other\""], 412),
        ("GET", "/api/v1/fleets/west/status", [], 404),
        ("GET", "\(north)/vehicles/van-7", [], 200), ("GET", "\(north)/vehicles/van-8", [], 404),
        ("GET", "\(north)/live", [], 426), ("DELETE", "/session", [], 204),
        ("POST", "\(north)/fixes", ["Content-Type: application/json"], 411),
        ("POST", "\(north)/fixes", ["Content-Type: application/json", "Content-Length: 0"], 401),
    ]

    /// `WebServer` compares each response with the document.
    @Test func responses_areThoseOfTheDocument() async throws {
        try await WebServer.with(publicRead: true) { server in
            #expect(try await server.post(["van-7"]).status == 202)
            for (method, path, fields, status) in Self.requests {
                let response = try await server.request(method, path, fields)
                #expect(response.status == status, "\(method) \(path) \(fields)")
            }
        }
    }

    @Test func liveMessages_areThoseOfTheDocument() throws {
        var state = TrackerState(
            fleetID: try Samples.fleet(), epoch: "m3x9k2", generation: 1, rules: MotionRules(),
            now: Samples.now)
        let events = state.fixesReceived([try Samples.fix(speed: 8.2)], now: Samples.now)
        let silence = state.timePassed(now: Samples.time(3_600))
        let snapshot = state.snapshot
        let vehicle = try #require(snapshot.sortedVehicles.first)
        let removal = state.removed(vehicle, now: Samples.time(3_601))
        let messages = [snapshot.encodeLiveSnapshot()] + (events + silence + [removal]).map(\.json)
        #expect(messages.count >= 4)
        for message in messages {
            let violations = try ResponseContract.published.get().violations(of: message, "LiveMessage")
            #expect(violations == [], "\(String(decoding: message, as: UTF8.self))")
        }
    }
}
