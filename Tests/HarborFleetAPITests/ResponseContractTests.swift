import HarborFleetTesting
import HarborFleetWebTesting
import Testing

/// The check that every response of these tests passes.
@Suite struct ResponseContractTests {
    private static let status = "/api/v1/fleets/north/status"

    /// A response with fields of the server's.
    private func response(
        _ status: Int, _ body: String, type: String = "application/json", id: String = "x-request-id: a\r\n"
    ) throws -> RawStreamedResponse {
        let head =
            "HTTP/1.1 \(status) X\r\n\(id)content-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n"
        return try RawStreamedResponse(Array((head + "\r\n" + body).utf8))
    }

    @Test func response_passes_whenTheDocumentDescribesIt() throws {
        let healthy = try response(200, #"{"status":"ok"}"#)
        #expect(throws: Never.self) { try healthy.checked(asResponseTo: "GET", "/health?probe") }
        let metrics = try response(200, "a 1\n", type: "text/plain")
        #expect(throws: Never.self) { try metrics.checked(asResponseTo: "GET", "/metrics") }
        let page = try response(403, "<p>", type: "text/html; charset=utf-8")
        #expect(throws: Never.self) { try page.checked(asResponseTo: "POST", "/session") }
    }

    @Test(
        arguments: [
            ("GET", "/health", 200, "application/json", "{}"),
            ("GET", "/health", 200, "application/json", #"{"status":"OK"}"#),
            ("GET", "/health", 200, "application/json", #"{"status":"ok""#),
            ("GET", "/health", 200, "text/plain", #"{"status":"ok"}"#),
            ("GET", "/health", 201, "application/json", #"{"status":"ok"}"#),
            ("DELETE", "/session", 204, "application/json", "{}"),
            ("GET", "/api/v1/fleets", 403, "text/html", "<p>"),
            ("GET", "/api/v1/fleets", 200, "application/json", #"{"fleets":[{"fleet_id":"-","name":"n"}]}"#),
            ("GET", status, 404, "application/problem+json", #"{"title":"Not Found"}"#),
            ("GET", "/nowhere", 404, "application/problem+json", #"{"title":"Not Found"}"#),
        ])
    func response_isRefused_whenTheDocumentDoesNotDescribeIt(
        method: String, path: String, status: Int, type: String, body: String
    ) throws {
        let response = try response(status, body, type: type)
        #expect(throws: (any Error).self) { try response.checked(asResponseTo: method, path) }
    }

    @Test func response_isRefused_withoutARequiredField() throws {
        let response = try response(200, #"{"status":"ok"}"#, id: "")
        #expect(throws: TestFailure.self) { try response.checked(asResponseTo: "GET", "/health") }
    }
}
