import Endpoint
import HTTP1
import HTTPTypes
import HarborFleetTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResponseTests {
    private struct Broken: Error {}

    private struct Stamp: ResponseFilter {
        func complete(_ response: inout Response, for request: Request?) {
            response.fields[.server] = "harbor"
        }
    }

    /// Sends a request on a connection of its own and returns the response.
    private func ask(
        _ request: String, configure: (inout EndpointConfiguration) -> Void = { _ in },
        filters: [any ResponseFilter] = [], routes: (inout Router) -> Void
    ) async throws -> (RawResponse, rest: [UInt8]) {
        var configuration = EndpointConfiguration()
        configure(&configuration)
        var result: (RawResponse, [UInt8])?
        try await withServer(
            configuration, filters: filters,
            errorResponder: { error, id in
                var response = PlainErrorResponder.respond(to: error, requestID: id)
                response.fields[.contentType] = "application/problem+json"
                return response
            }, routes: routes
        ) { port, _ in
            let client = try await RawClient(port: port, sending: request)
            let response = try await client.response()
            try await client.endSending()
            result = (response, try await client.untilEnd())
        }
        return try #require(result)
    }

    private func routes(_ router: inout Router) {
        router.get("/ok") { request in .now(text("ok")) }
        router.get("/broken") { _ in throw Broken() }
        router.get("/later/broken") { _ in .later { throw Broken() } }
        router.get("/close") { _ in .now(Response(.ok, fields: [.connection: "close"])) }
        router.get("/empty") { _ in .now(Response(.noContent)) }
        router.delete("/ok", says("deleted"))
        router.post("/small", options: RouteOptions(bodyLimit: 4, contentTypes: ["text/plain"])) { request in
            .now(text("\(request.body.count)"))
        }
        router.post("/large", options: RouteOptions(bodyLimit: 3_000_000)) { request in
            .now(text("\(request.body.count)"))
        }
        router.get("/socket", echo())
    }

    /// RFC 9110 section 9.3.2.
    @Test(arguments: [
        ("", 400), ("Host: a\r\nExpect: tea\r\n", 417),
        ("Host: a\r\nX: \(String(repeating: "a", count: 70_000))\r\n", 431),
    ])
    func malformedHeadRequest_isAnsweredWithoutABody(fields: String, status: Int) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: "HEAD /ok HTTP/1.1\r\n\(fields)\r\n")
            let response = try await client.response(hasBody: false)
            #expect(response.status == status && response["connection"] == "close")
            #expect(Int(response["content-length"] ?? "") ?? 0 > 0)
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test(arguments: [
        ("BROKEN\r\n\r\n", 400), ("GET /ok HTTP/1.1\r\n\r\n", 400),
        ("GET /ok HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: h\r\n\r\n", 414),
        ("GET /ok HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
        ("POST /ok HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST /ok HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na", 417),
        (
            "POST /small HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 70000\r\n\r\nhello",
            413
        ),
    ])
    func malformedRequest_isAnsweredByTheErrorResponder_andEndsTheConnection(
        _ request: String, _ status: Int
    ) async throws {
        let (response, rest) = try await ask(request, routes: routes)
        #expect(response.status == status)
        #expect(response["content-type"] == "application/problem+json")
        #expect(response["connection"] == "close")
        #expect(response["x-request-id"]?.utf8.count == 16)
        #expect(rest.isEmpty)
    }

    @Test(arguments: [
        (get("/none"), 404), (get("/%zz"), 400), (get("/broken"), 500), (get("/later/broken"), 500),
        (post("/small", "hi"), 415), (get("/socket"), 426),
    ])
    func refusedRequest_keepsTheConnection(_ request: String, _ status: Int) async throws {
        let next = get("/ok")
        let (response, rest) = try await ask(request + next, filters: [Stamp()], routes: routes)
        #expect(response.status == status)
        #expect(response["connection"] != "close")
        #expect(response["server"] == "harbor")
        #expect(String(decoding: rest, as: UTF8.self).hasSuffix("ok"))
    }

    @Test(arguments: [
        ("POST /large HTTP/1.1\r\nHost: h\r\n\r\n", 411), ("POST /large HTTP/1.0\r\n\r\n", 411),
        ("BREW /ok HTTP/1.1\r\nHost: h\r\n\r\n", 501),
        ("BREW /none HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na", 501),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 501),
    ])
    func refusedRequest_endsTheConnection_whenBytesOfABodyMayFollow(_ request: String, _ status: Int)
        async throws
    {
        let next = get("/ok")
        let (response, rest) = try await ask(request + next, routes: routes)
        #expect(response.status == status)
        #expect(response["connection"] == "close")
        #expect(response["content-type"] == "application/problem+json")
        #expect(rest.isEmpty)
    }

    @Test func emptyBody_isABody() async throws {
        let empty = post("/large", "")
        #expect(try await ask(empty, routes: routes).0.text == "0")
    }

    @Test func optionsOfTheServer_listAllMethods() async throws {
        let next = get("/ok")
        let (response, rest) = try await ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n" + next, routes: routes)
        #expect(response.status == 204 && response["allow"] == "DELETE, GET, HEAD, OPTIONS, POST")
        #expect(rest.starts(with: Array("HTTP/1.1 200".utf8)))
    }

    @Test func refusals_carryTheFieldsOfTheirStatus() async throws {
        let (method, _) = try await ask("PUT /ok HTTP/1.1\r\nHost: h\r\n\r\n", routes: routes)
        #expect(method.status == 405 && method["allow"] == "DELETE, GET, HEAD, OPTIONS")
        let (options, _) = try await ask("OPTIONS /ok HTTP/1.1\r\nHost: h\r\n\r\n", routes: routes)
        #expect(options.status == 204 && options["allow"] == "DELETE, GET, HEAD, OPTIONS")
        let (upgrade, _) = try await ask(get("/socket"), routes: routes)
        #expect(upgrade["upgrade"] == "websocket" && upgrade["sec-websocket-version"] == "13")
        let (type, _) = try await ask(post("/small", "a"), routes: routes)
        #expect(type["accept"] == "text/plain")
    }

    @Test func route_acceptsALargerBody_byItsOwnLimit() async throws {
        let body = String(repeating: "x", count: 2_500_000)
        let (response, _) = try await ask(
            "POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            routes: routes)
        #expect(response.text == "2500000")
    }

    @Test func tooLargeBody_isAnswered_whileTheClientGoesOnSending() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                "POST /small HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 500000\r\n\r\n"
            )
            try await client.send([UInt8](repeating: 120, count: 500_000))
            let response = try await client.response()
            #expect(response.status == 413)
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func response_isNotLost_whenTheClientSendsMoreAfterClose() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                Array("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8)
                    + [UInt8](repeating: 120, count: 500_000))
            let response = try await client.response()
            #expect(response.status == 200 && response["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func continue_isSaid_whenTheClientWaitsForIt() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            let head = "Host: h\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\n"
            try await client.send("POST /small HTTP/1.1\r\n\(head)Content-Length: 3\r\n\r\n")
            #expect(try await client.response(hasBody: false).status == 100)
            try await client.send("abc")
            #expect(try await client.response().text == "3")
            try await client.send("POST /none HTTP/1.1\r\n\(head)Content-Length: 3\r\n\r\n")
            let refused = try await client.response()
            #expect(refused.status == 404 && refused["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func http10Connection_isClosed_withoutKeepAlive() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send("GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.response()["connection"] == "keep-alive")
            try await client.send("GET /ok HTTP/1.0\r\n\r\n")
            #expect(try await client.response()["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func handler_canEndTheConnection() async throws {
        let (response, rest) = try await ask(
            "GET /close HTTP/1.1\r\nHost: h\r\n\r\nGET /ok HTTP/1.1\r\nHost: h\r\n\r\n", routes: routes)
        #expect(response["connection"] == "close")
        #expect(rest.isEmpty)
    }

    @Test func noContent_hasNoLength() async throws {
        let (response, _) = try await ask(get("/empty"), routes: routes)
        #expect(response.status == 204 && response["content-length"] == nil)
    }

    @Test func forwardedAddress_isTheClient_behindATrustedProxy() async throws {
        let trusted = [try #require(NetworkPrefix("127.0.0.0/8"))]
        let request = "GET /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"
        let who: (inout Router) -> Void = { router in
            router.get("/who") { request in .now(text(request.remoteAddress.host)) }
        }
        #expect(
            try await ask(request, configure: { $0.trustedProxies = trusted }, routes: who).0.text
                == "192.0.2.9")
        #expect(try await ask(request, routes: who).0.text == "127.0.0.1")
    }
}
