import HarborFleetTesting
import Testing

extension Conformance {
    /// Exchanges of more than one request and response.
    @Suite(.serialized) struct Conversations {
        private static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

        private static func post(_ lines: String, path: String = "/test/post", version: String = "1.1")
            -> String
        {
            "POST \(path) HTTP/\(version)\r\nHost: localhost\r\nExpect: 100-continue\r\n\(lines)\r\n"
        }

        /// RFC 9110 section 10.1.1.
        @Test func continue_isSent_toAClientThatWaitsForIt() async throws {
            let client = try await ConformanceServer.shared.value.connect()
            for lines in ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
                try await client.send(Self.post(lines))
                #expect(try await client.bytes(25) == Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                try await client.send(lines.hasPrefix("C") ? "hello" : "5\r\nhello\r\n0\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == 200 && response.text == "hello")
            }
        }

        /// RFC 9110 section 10.1.1: not when the body has arrived, not to HTTP/1.0, not before a refusal.
        @Test(arguments: [
            (post("Content-Length: 5\r\n") + "hello", 200),
            (post("Content-Length: 5\r\nConnection: keep-alive\r\n", version: "1.0") + "hello", 200),
            (post("Content-Length: 5\r\n", path: "/nothing"), 404),
            (post("Content-Length: 99999999\r\n"), 413),
            (post("Content-Length: 5\r\n", path: "/health"), 405), (post("Content-Length: 0\r\n"), 200),
            (post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400),
        ])
        func continue_isNotSent_whenTheSectionForbidsIt(request: String, status: Int) async throws {
            let client = try await ConformanceServer.shared.value.connect()
            try await client.send(request)
            #expect(try await client.response().status == status)
        }

        @Test func continue_isSentAfterTheEarlierResponses() async throws {
            let client = try await ConformanceServer.shared.value.connect()
            try await client.send(Self.get + Self.get + Self.post("Content-Length: 5\r\n"))
            for status in [200, 200] { #expect(try await client.response().status == status) }
            #expect(try await client.response(hasBody: false).status == 100)
            try await client.send("hello")
            #expect(try await client.response().text == "hello")
        }

        /// RFC 9112 section 9.6: half a connection is enough for a response. `/session` asks the database.
        @Test func halfClosedClient_getsItsResponses() async throws {
            let server = try await ConformanceServer.shared.value
            let body = #"{"token":"none"}"#
            let session =
                "POST /session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            for (request, statuses) in [
                (Self.get, [200]), (session, [401]), (session + Self.get, [401, 200]),
            ] {
                let client = try server.connect()
                try await client.send(request)
                try await client.endSending()
                for status in statuses { #expect(try await client.response().status == status) }
                #expect(try await client.untilEnd().isEmpty)
            }
        }

        @Test func thousandPipelinedRequests_getTheirResponsesInOrder() async throws {
            let client = try await ConformanceServer.shared.value.connect()
            let requests = (0..<1_000).map {
                "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: r\($0)\r\n\r\n"
            }
            try await client.send(requests.joined())
            for number in 0..<1_000 {
                #expect(try await client.response()["x-request-id"] == "r\(number)")
            }
        }

        /// RFC 9110 section 9.3.2.
        @Test(arguments: [
            "/", "/sign-in", "/health", "/ready", "/favicon.ico", "/assets/app.css", "/api/v1/openapi.json",
            "/api/v1/fleets", "/api/v1/fleets/a/status", "/api/v1/fleets/a/vehicles/b",
            "/api/v1/fleets/a/live",
            "/fleets/a", "/test/echo", "/nothing",
        ])
        func responseToHead_hasTheFieldsOfTheResponseToGet_andNoBody(path: String) async throws {
            let client = try await ConformanceServer.shared.value.connect()
            try await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let get = try await client.response()
            try await client.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n" + Self.get)
            let head = try await client.response(hasBody: false)
            #expect(head.status == get.status)
            #expect(Self.stable(head) == Self.stable(get))
            // The next response follows the head. A body does not.
            #expect(try await client.response().status == 200)
        }

        /// RFC 9110 section 9.3.2.
        @Test(arguments: [("", 400), ("Host: localhost\r\nExpect: tea\r\n", 417)])
        func refusedHead_hasNoBody(lines: String, status: Int) async throws {
            let client = try await ConformanceServer.shared.value.connect()
            try await client.send("HEAD /health HTTP/1.1\r\n\(lines)\r\n")
            #expect(try await client.response(hasBody: false).status == status)
            #expect(try await client.untilEnd().isEmpty)
        }

        private static func stable(_ response: RawResponse) -> [String] {
            response.fields.filter { !$0.hasPrefix("date:") && !$0.hasPrefix("x-request-id:") }
        }

        /// RFC 9110 section 13.1.2.
        @Test func ifNoneMatch_comparesWeakly_inAList() async throws {
            let client = try await ConformanceServer.shared.value.connect()
            let request = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n"
            try await client.send(request + "\r\n")
            let tag = try #require(try await client.response()["etag"])
            for (value, status) in [
                (tag, 304), ("W/\(tag)", 304), ("\"x\", \(tag)", 304), ("\"x\",W/\(tag) , \"y\"", 304),
                ("*", 304),
                ("\"x\"", 200), ("x", 200), (tag.replacing("\"", with: ""), 200),
            ] {
                try await client.send(request + "If-None-Match: \(value)\r\n\r\n")
                let response = try await client.response(hasBody: status == 200)
                #expect(response.status == status, "\(value)")
                #expect(response["etag"] == tag, "\(value)")
            }
        }
    }
}
