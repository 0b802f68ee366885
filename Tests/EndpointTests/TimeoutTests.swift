import Endpoint
import HarborFleetTesting
import Testing

@Suite struct TimeoutTests {
    private func configuration(_ change: (inout EndpointTimeouts) -> Void) -> EndpointConfiguration {
        var configuration = EndpointConfiguration()
        change(&configuration.timeouts)
        return configuration
    }

    @Test(arguments: [
        "GET /a HTT", "GET /a HTTP/1.1\r\nHost: h\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
    ])
    func aHalfSentRequest_isAnswered408_andClosed(_ request: String) async throws {
        let configuration = configuration {
            $0.header = .milliseconds(40)
            $0.body = .milliseconds(40)
        }
        try await withServer(configuration) { router in
            router.post("/a") { _ in .now(text("never")) }
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send(request)
            let response = try await client.response()
            #expect(response.status == 408 && response["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func aSilentConnection_isClosedWithoutAnAnswer() async throws {
        let configuration = configuration {
            // Longer than a busy machine takes between a client's connect and its request.
            $0.header = .milliseconds(400)
            $0.idle = .milliseconds(40)
        }
        try await withServer(configuration) { router in
            router.get("/a") { _ in .now(text("a")) }
        } _: { port, _ in
            let fresh = try RawClient(port: port)
            #expect(try await fresh.untilEnd().isEmpty)
            let idle = try RawClient(port: port)
            try await idle.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try await idle.response().text == "a")
            #expect(try await idle.untilEnd().isEmpty)
        }
    }

    @Test func aHandlerThatIsLate_isAnswered503_andCancelled() async throws {
        let cancelled = Gate()
        try await withServer(configuration { $0.handler = .milliseconds(40) }) { router in
            router.get("/late") { _ in
                .later {
                    await Gate().pass()
                    if Task.isCancelled { cancelled.open() }
                    return text("late")
                }
            }
            router.get("/a") { _ in .now(text("a")) }
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 503 && response["retry-after"] != nil)
            #expect(try await client.response().text == "a")
            await cancelled.pass()
        }
    }

    @Test func aReaderThatStalls_isDropped() async throws {
        let observer = RecordingObserver()
        try await withServer(configuration { $0.writeStall = .milliseconds(80) }, observer: observer) {
            router in
            router.get("/big") { _ in
                .now(Response(.ok, body: .bytes([UInt8](repeating: 1, count: 20_000_000))))
            }
        } _: { port, server in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            try await client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n")
            await observer.nextConnectionClose()
            #expect(server.openConnections == 0)
            withExtendedLifetime(client) {}
        }
    }
}
