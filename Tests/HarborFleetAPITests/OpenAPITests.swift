import FleetWire
import Foundation
import HarborFleet
import Testing

@testable import HarborFleetAPI

@Suite struct OpenAPITests {
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
}
