import Foundation
import HarborFleetTesting
import Testing

/// A request that the server refuses, and the response.
struct BadRequest: Sendable, CustomTestStringConvertible {
    /// The response that the contract documents.
    struct Response: Sendable {
        var status: Int
        /// The last part of the problem's `type`.
        var kind: String
        /// Header fields that the response must have, with their values.
        var fields: [String: String] = [:]
        /// The pointers of the problem's `errors`.
        var pointers: [String] = []
    }

    let name: String
    let response: Response
    /// The bytes that are sent on a new connection.
    let bytes: @Sendable (BadInputServer) -> [UInt8]

    init(
        _ name: String, _ response: Response, _ bytes: @escaping @Sendable (BadInputServer) -> [UInt8]
    ) {
        self.name = name
        self.response = response
        self.bytes = bytes
    }

    /// A request as text.
    init(_ name: String, _ response: Response, text: String) {
        self.init(name, response) { _ in Array(text.utf8) }
    }

    /// A POST of this body to `north` with a valid signature.
    init(_ name: String, _ response: Response, body: @escaping @Sendable @autoclosure () -> String) {
        self.init(name, response) { $0.client.request(fixes: Array(body().utf8), to: BadInputServer.north) }
    }

    /// A POST of these bytes to `north` with a valid signature.
    init(_ name: String, _ response: Response, bodyBytes: [UInt8]) {
        self.init(name, response) { $0.client.request(fixes: bodyBytes, to: BadInputServer.north) }
    }

    /// A read with the token of `north`.
    init(get path: String, _ response: Response, method: String = "GET", fields: [String] = []) {
        self.init("\(method) \(path) \(fields.joined(separator: ", "))", response) { server in
            RequestText(
                method, path, ["Authorization: Bearer \(server.token)"] + fields
            ).bytes
        }
    }

    var testDescription: String { name }

    /// Sends it and checks the response.
    func check(_ server: BadInputServer) async throws {
        let client = try RawClient(port: server.port)
        try await client.send(bytes(server))
        try response.check(try await client.response(), of: name)
    }
}

/// A request as text.
struct RequestText {
    var lines: [String]
    var body: [UInt8]

    init(_ method: String, _ target: String, _ fields: [String], body: [UInt8] = []) {
        lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        self.body = body
    }

    var bytes: [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body }
}

extension BadRequest.Response {
    private struct Problem: Decodable {
        struct Place: Decodable {
            let pointer: String
            let detail: String
        }
        let type: String
        let title: String
        let status: Int
        let detail: String
        let instance: String
        let errors: [Place]?
    }

    /// Checks a response against the contract's form of errors (RFC 9457).
    func check(_ response: RawResponse, of name: String) throws {
        #expect(response.status == status, "\(name): \(response.text)")
        #expect(response["content-type"] == "application/problem+json", "\(name)")
        let problem = try response.json(Problem.self)
        #expect(problem.type == "urn:harbor-fleet:problem:\(kind)", "\(name): \(problem.detail)")
        #expect(problem.status == status, "\(name)")
        #expect(!problem.title.isEmpty && !problem.detail.isEmpty, "\(name)")
        #expect(!problem.instance.isEmpty && problem.instance == response["x-request-id"], "\(name)")
        #expect(problem.errors?.map(\.pointer) ?? [] == pointers, "\(name): \(response.text)")
        #expect(problem.errors?.allSatisfy { !$0.detail.isEmpty } ?? true, "\(name)")
        for (field, value) in fields { #expect(response[field] == value, "\(name): \(field)") }
    }

    static let badRequest = Self(status: 400, kind: "bad-request")
    static let unauthorized = Self(
        status: 401, kind: "unauthorized", fields: ["www-authenticate": "Bearer realm=\"harbor-fleet\""])
    static let badSignature = Self(
        status: 401, kind: "bad-signature",
        fields: ["www-authenticate": "Webhook-Signature realm=\"harbor-fleet\""])
    static let unknownFleet = Self(status: 404, kind: "unknown-fleet")
    static let notFound = Self(status: 404, kind: "not-found")
    static let contentTooLarge = Self(status: 413, kind: "content-too-large")
    static let uriTooLong = Self(status: 414, kind: "uri-too-long")
    static let fieldsTooLarge = Self(status: 431, kind: "request-header-fields-too-large")
    static let upgradeRequired = Self(
        status: 426, kind: "upgrade-required",
        fields: ["upgrade": "websocket", "sec-websocket-version": "13"])

    static func malformedJSON(_ pointer: String) -> Self {
        Self(status: 400, kind: "malformed-json", pointers: [pointer])
    }

    static func invalidParameters(_ pointers: String...) -> Self {
        Self(status: 400, kind: "invalid-parameters", pointers: pointers)
    }

    static func methodNotAllowed(allow: String) -> Self {
        Self(status: 405, kind: "method-not-allowed", fields: ["allow": allow])
    }

    static func invalidFixes(_ pointers: String...) -> Self {
        Self(status: 422, kind: "invalid-fixes", pointers: pointers)
    }
}
