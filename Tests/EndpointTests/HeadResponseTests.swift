import Endpoint
import HTTPTypes
import HarborFleetTesting
import Synchronization
import Testing

/// A request is answered before its body arrives when its head alone decides the response.
@Suite(.timeLimit(.minutes(1))) struct HeadResponseTests {
    private func routes(_ router: inout Router) {
        router.get("/a", says("a"))
        router.get("/echo") { request in .now(text("\(request.body.count)")) }
        router.delete("/thing") { request in .now(text("deleted \(request.body.count)")) }
        router.post("/json", options: RouteOptions(bodyLimit: 4_096, contentTypes: ["application/json"])) {
            request in .now(text("\(request.body.count)"))
        }
        router.post(
            "/guarded/:name",
            options: RouteOptions(admits: { request in
                guard request.head[.authorization] == "yes", request.body.isEmpty,
                    request.parameters["name"] == "north"
                else { throw EndpointError.malformedHandshake("no entry") }
            })
        ) { request in .now(text("\(request.body.count)")) }
    }

    private static func head(
        _ method: String, _ path: String, _ fields: String = "", length: Int? = nil
    ) -> String {
        let body = length.map { "Content-Length: \($0)\r\n" } ?? "Transfer-Encoding: chunked\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\(body)\r\n"
    }

    private static let json = "Content-Type: application/json\r\n"

    struct Case: Sendable, CustomTestStringConvertible {
        let head: @Sendable (Int?) -> String
        let status: Int
        let testDescription: String
    }

    private static let cases = [
        Case(head: { head("POST", "/nothing", length: $0) }, status: 404, testDescription: "no route"),
        Case(head: { head("POST", "/a", length: $0) }, status: 405, testDescription: "no such method"),
        Case(head: { head("OPTIONS", "/a", length: $0) }, status: 204, testDescription: "options"),
        Case(head: { head("POST", "/json", length: $0) }, status: 415, testDescription: "no media type"),
        Case(
            head: { head("POST", "/json", "Content-Type: text/csv\r\n", length: $0) }, status: 415,
            testDescription: "another media type"),
        Case(
            head: { head("POST", "/guarded/north", length: $0) }, status: 400,
            testDescription: "not admitted"),
        Case(
            head: { head("POST", "/guarded/south", "Authorization: yes\r\n", length: $0) }, status: 400,
            testDescription: "not admitted for its path"),
        Case(head: { head("GET", "/echo", length: $0) }, status: 200, testDescription: "get"),
        Case(head: { head("DELETE", "/thing", length: $0) }, status: 200, testDescription: "delete"),
    ]

    /// 500 bytes come before the response and 500 after it. Then the connection serves the next request.
    @Test(arguments: cases)
    func connection_stays_whenTheHeadIsAnsweredAndTheBodyIsSmall(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(example.head(1_000) + String(repeating: "x", count: 500))
            let response = try await client.response()
            #expect(response.status == example.status && response["connection"] == nil)
            #expect(!response.text.contains("500") && !response.text.contains("1000"), "the body is not kept")
            try await client.send(String(repeating: "x", count: 500) + get("/a"))
            #expect(try await client.response().text == "a")
        }
    }

    @Test(arguments: cases)
    func request_isAnsweredByItsHead_whenTheWholeBodyIsThere(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: example.head(3) + "abc" + get("/a"))
            #expect(try await client.response().status == example.status)
            #expect(try await client.response().text == "a")
        }
    }

    @Test(arguments: cases)
    func chunkedBody_isDiscarded_andTheConnectionStays(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: example.head(nil) + "5\r\nhel")
            #expect(try await client.response().status == example.status)
            try await client.send("lo\r\n0\r\n\r\n" + get("/a"))
            #expect(try await client.response().text == "a")
        }
    }

    /// The client sends the whole body before it reads. It must find the response and not a reset.
    @Test(arguments: cases)
    func connection_closesAfterItsClientReadTheResponse_whenTheBodyIsLong(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: example.head(900_000))
            for _ in 0..<9 { try await client.send([UInt8](repeating: 120, count: 100_000)) }
            let response = try await client.response()
            #expect(response.status == example.status)
            #expect(response["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test(arguments: cases)
    func connection_ends_whenTheChunkedBodyIsLong(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: example.head(nil) + "100000\r\n")
            #expect(try await client.response().status == example.status)
            for _ in 0..<7 { try await client.send([UInt8](repeating: 120, count: 10_000)) }
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test(arguments: cases)
    func client_getsTheResponseInsteadOfContinue(_ example: Case) async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                example.head(10).replacing("Host: h", with: "Host: h\r\nExpect: 100-continue"))
            let response = try await client.response()
            // The client may send the body or not, so the server cannot know what the next bytes are.
            #expect(response.status == example.status && response["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func request_isAnsweredByItsHead_whenItsLengthIsTooLong() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(Self.head("POST", "/json", Self.json, length: 4_097))
            let response = try await client.response()
            #expect(response.status == 413 && response["connection"] == nil)
            try await client.send(String(repeating: "x", count: 4_097) + get("/a"))
            #expect(try await client.response().text == "a")
            try await client.send(Self.head("POST", "/json", Self.json, length: 65_537))
            let last = try await client.response()
            #expect(last.status == 413 && last["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func admittedRequest_isHandled() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            let yes = "Authorization: yes\r\n"
            try await client.send(Self.head("POST", "/guarded/north", yes, length: 3) + "ab")
            try await client.send("c" + get("/a"))
            #expect(try await client.response().text == "3")
            #expect(try await client.response().text == "a")
            let waits = Self.head("POST", "/guarded/north", yes + "Expect: 100-continue\r\n", length: 2)
            try await client.send(waits)
            #expect(try await client.response(hasBody: false).status == 100)
            try await client.send("ab")
            #expect(try await client.response().text == "2")
        }
    }

    @Test func check_runsOncePerRequestWithABody() async throws {
        let calls = Mutex(0)
        try await withServer { router in
            router.post("/", options: RouteOptions(admits: { _ in calls.withLock { $0 += 1 } })) { _ in
                .now(text("ok"))
            }
        } _: { port, _ in
            let client = try RawClient(port: port)
            for part in ["POST / HTTP/1.1\r\nHost: h\r\nContent-Le", "ngth: 4\r\n\r\n", "a", "b", "c", "d"] {
                try await client.send(part)
            }
            #expect(try await client.response().text == "ok")
            #expect(calls.withLock { $0 } == 1)
        }
    }

    /// A DELETE whose body has no meaning is still unsafe, so it does not overlap with other requests.
    @Test func deleteWithABody_waitsForEarlierResponses() async throws {
        let gate = Gate()
        let order = Mutex<[String]>([])
        try await withServer { router in
            router.get("/slow") { _ in
                .later {
                    await gate.pass()
                    order.withLock { $0.append("slow") }
                    return text("slow")
                }
            }
            router.delete("/thing") { _ in
                order.withLock { $0.append("delete") }
                return .now(text("deleted"))
            }
            router.get("/a", says("a"))
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send(get("/slow") + Self.head("DELETE", "/thing", length: 3) + "abc" + get("/a"))
            #expect(try await RawClient.get("/a", port: port).text == "a")
            gate.open()
            for expected in ["slow", "deleted", "a"] {
                #expect(try await client.response().text == expected)
            }
            #expect(order.withLock { $0 } == ["slow", "delete"])
        }
    }

    @Test func connection_endsWithoutASecondResponse_whenAChunkAfterTheResponseIsBroken() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(Self.head("POST", "/nothing") + "5\r\nhello")
            #expect(try await client.response().status == 404)
            try await client.send("broken")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func discardedBody_mustArriveInTime() async throws {
        var configuration = EndpointConfiguration()
        configuration.timeouts.body = .milliseconds(50)
        try await withServer(configuration, routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(Self.head("POST", "/nothing", length: 100) + "abc")
            #expect(try await client.response().status == 404)
            #expect(try await client.untilEnd().isEmpty, "no second response")
        }
    }
}
