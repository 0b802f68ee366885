import HTTP1
import HTTPTypes
import HarborFleetTesting

/// The responses on one connection until its end.
struct HTTPExchange {
    /// One final response.
    struct Response {
        let head: ResponseHead
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }
        var endsConnection: Bool { !head.keepAlive }

        func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { head[$0] } }
    }

    private(set) var responses: [Response] = []
    /// How many responses are "100 Continue".
    private(set) var continues = 0
    /// Why the bytes cannot be read as responses.
    private(set) var fault: String?

    /// A request that ends its connection, so that the client can read until the end.
    static let lastRequest = Array(
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

    /// Sends pieces on a connection of their own and reads until the server ends it.
    /// - Parameter method: of the first request. The others are not HEAD.
    init(sending pieces: [[UInt8]], method: HTTPRequest.Method, to server: ConformanceServer) async throws {
        let client = try server.connect()
        for piece in pieces { try await client.send(piece) }
        read(try await client.untilEnd(), method)
    }

    private mutating func read(_ bytes: [UInt8], _ method: HTTPRequest.Method) {
        var parser = ResponseParser(limits: HTTPLimits(bodyBytes: 16_777_216))
        parser.expectResponse(to: method)
        var offset = 0
        do throws(ResponseError) {
            while let event = try parser.next(bytes.span, &offset) {
                take(event, bytes)
                if case .end = event { parser.expectResponse(to: .get) }
            }
            if let event = try parser.endOfInput() { take(event, bytes) }
        } catch {
            fault = "the response cannot be read: \(error.detail)"
        }
    }

    private mutating func take(_ event: ResponseEvent, _ bytes: [UInt8]) {
        switch event {
        case .informational(let head):
            if head.status.code == 100 { continues += 1 } else { fault = "an interim \(head.status.code)" }
        case .head(let head): responses.append(Response(head: head))
        case .body(let range): responses[responses.count - 1].body += bytes[range]
        case .end: break
        }
    }
}
