import HarborFleetTesting
import Testing

/// The start of a request whose rest never comes.
struct HalfRequest: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether the server responds with 408 when the time is over.
    let hasResponse: Bool
    let bytes: @Sendable (BadInputServer) -> [UInt8]

    var testDescription: String { name }

    private init(
        _ name: String, hasResponse: Bool = true, _ bytes: @escaping @Sendable (BadInputServer) -> [UInt8]
    ) {
        self.name = name
        self.hasResponse = hasResponse
        self.bytes = bytes
    }

    static let all: [HalfRequest] = [
        HalfRequest("a connection without a byte", hasResponse: false) { _ in [] },
        HalfRequest("half a method") { _ in Array("GE".utf8) },
        HalfRequest("half a head") { _ in Array("GET /health HTTP/1.1\r\nHost: loc".utf8) },
        HalfRequest("a head without its empty line") { _ in
            Array("GET /health HTTP/1.1\r\nHost: localhost\r\n".utf8)
        },
        HalfRequest("half a body") { server in
            Array(
                server.client.request(fixes: Array(GoodFix().body.utf8), to: BadInputServer.north).dropLast(
                    20))
        },
        HalfRequest("a head whose body does not come") { _ in
            RequestText("POST", "/session", ["Content-Type: application/json", "Content-Length: 9"]).bytes
        },
        HalfRequest("half a chunk") { _ in
            let fields = ["Content-Type: application/json", "Transfer-Encoding: chunked"]
            return RequestText("POST", "/session", fields, body: Array("5\r\n{".utf8)).bytes
        },
        HalfRequest("a promise to go on after 100 Continue") { _ in
            let fields = ["Content-Type: application/json", "Content-Length: 9", "Expect: 100-continue"]
            return RequestText("POST", "/session", fields).bytes
        },
    ]

    /// Sends it and resets the connection.
    func drop(_ server: BadInputServer) async throws {
        let client = try RawClient(port: server.port)
        try await client.send(bytes(server))
    }

    /// Sends it, ends the client's direction, and expects the server to end the connection without a response.
    func end(_ server: BadInputServer) async throws {
        let client = try RawClient(port: server.port)
        try await client.send(bytes(server))
        try await client.endSending()
        let rest = String(decoding: try await client.untilEnd(), as: UTF8.self)
        #expect(rest.isEmpty || rest == "HTTP/1.1 100 Continue\r\n\r\n", "\(name)")
    }

    /// Sends it, then nothing until the server ends the connection.
    func wait(_ server: BadInputServer) async throws {
        let client = try RawClient(port: server.port, timeoutSeconds: 60)
        try await client.send(bytes(server))
        guard hasResponse else { return #expect(try await client.untilEnd() == [], "\(name)") }
        var response = try await client.response()
        if response.status == 100 { response = try await client.response() }
        try BadRequest.Response(
            status: 408, kind: "request-timeout", fields: ["connection": "close"]
        ).check(response, of: name)
        #expect(try await client.untilEnd() == [], "\(name)")
    }
}
