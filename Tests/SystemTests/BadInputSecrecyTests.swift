import HarborFleetTesting
import Testing

extension BadInput {
    /// Cases whose responses must be the same, so that a client cannot tell them apart.
    @Suite struct Secrecy {
        /// The whole response without its date, to a request with an id that is always the same.
        private static func response(to lines: [String], body: [UInt8] = []) async throws -> [String] {
            let server = try await BadInputServer.shared.value
            let client = try RawClient(port: server.port)
            let head = (lines + ["Host: localhost", "X-Request-Id: same"]).joined(separator: "\r\n")
            try await client.send(Array((head + "\r\n\r\n").utf8) + body)
            let response = try await client.response()
            return ["\(response.status)", response.text] + response.fields.filter { !$0.hasPrefix("date:") }
        }

        private static func post(to fleet: String, secret: String, seconds: Int = 0) async throws -> [String]
        {
            let body = Array(GoodFix().body.utf8)
            let fields = WebhookSigning(secret: secret).fields(for: body, offsetSeconds: seconds)
            let own = ["Content-Type: application/json", "Content-Length: \(body.count)"]
            return try await self.response(
                to: ["POST /api/v1/fleets/\(fleet)/fixes HTTP/1.1"] + own + fields, body: body)
        }

        @Test func postsToUnknownFleetsAndPostsWithBadSignatures_getTheSameResponse() async throws {
            let server = try await BadInputServer.shared.value
            let wrong = try await Self.post(to: BadInputServer.north, secret: BadRequest.unknownSecret)
            #expect(wrong.first == "401")
            #expect(try await Self.post(to: "nowhere", secret: server.secret) == wrong)
            #expect(try await Self.post(to: BadInputServer.south, secret: server.secret) == wrong)
            #expect(
                try await Self.post(to: BadInputServer.north, secret: server.secret, seconds: -400) == wrong)
        }

        @Test(arguments: ["/status", "/vehicles/van-7", "/live"])
        func readsOfUnknownFleetsAndOfForbiddenOnes_getTheSameResponse(_ path: String) async throws {
            let server = try await BadInputServer.shared.value
            let bearer = "Authorization: Bearer \(server.token)"
            let unknown = try await Self.response(
                to: ["GET /api/v1/fleets/nowhere\(path) HTTP/1.1", bearer])
            #expect(unknown.first == "404")
            #expect(
                try await Self.response(to: ["GET /api/v1/fleets/harbor-south\(path) HTTP/1.1", bearer])
                    == unknown)
        }

        @Test func requestIDsThatAreTooLongOrNoTokens_areReplaced() async throws {
            let server = try await BadInputServer.shared.value
            for id in [String(repeating: "x", count: 300), "a b", "<script>", "\"", "\u{FC}"] {
                let response = try await server.client.get(
                    "/api/v1/fleets/nowhere/status", fields: ["X-Request-Id: \(id)"])
                let given = try #require(response["x-request-id"])
                #expect(given != id)
                #expect(response.text.contains(given))
            }
        }
    }
}
