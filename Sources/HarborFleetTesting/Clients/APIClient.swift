internal import Foundation

/// A client of the public API for tests. Each call opens a new connection, or uses one that the test keeps.
package struct APIClient: Sendable {
    package let port: UInt16
    /// The bearer token for reads.
    package var token: String?
    /// The secret with which POSTs of fixes are signed.
    package var signing: WebhookSigning?

    package init(port: UInt16, token: String? = nil, secret: String? = nil) {
        self.port = port
        self.token = token
        signing = secret.map { WebhookSigning(secret: $0) }
    }

    /// GET on a new connection.
    package func get(_ path: String, fields: [String] = []) async throws -> RawResponse {
        try await get(path, fields: fields, on: RawClient(port: port))
    }

    /// GET on a connection that the caller keeps.
    package func get(
        _ path: String, fields: [String] = [], on client: RawClient
    ) async throws -> RawResponse {
        let authorization = token.map { ["Authorization: Bearer \($0)"] } ?? []
        let lines = ["GET \(path) HTTP/1.1", "Host: localhost"] + authorization + fields
        try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try await client.response()
    }

    /// A signed POST of fixes, on a new connection.
    package func post(fixes json: String, to fleet: String) async throws -> RawResponse {
        try await post(fixes: json, to: fleet, on: RawClient(port: port))
    }

    /// A signed POST of fixes, on a connection that the caller keeps.
    package func post(
        fixes json: String, to fleet: String, on client: RawClient
    ) async throws -> RawResponse {
        try await client.send(request(fixes: Array(json.utf8), to: fleet))
        return try await client.response()
    }

    /// The bytes of a signed POST.
    package func request(fixes body: [UInt8], to fleet: String) -> [UInt8] {
        let head =
            [
                "POST /api/v1/fleets/\(fleet)/fixes HTTP/1.1", "Host: localhost",
                "Content-Type: application/json", "Content-Length: \(body.count)",
            ] + (signing?.fields(for: body) ?? [])
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}

extension RawResponse {
    /// The body decoded from JSON.
    package func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }
}
