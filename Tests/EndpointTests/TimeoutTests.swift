import Endpoint
import HarborFleetTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TimeoutTests {
    private let clock: ManualTimePoller

    init() throws { clock = try ManualTimePoller() }

    @Test(arguments: [
        ("GET /a HTT", 10), ("GET /a HTTP/1.1\r\nHost: h\r\n", 10),
        ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", 30),
    ])
    func halfSentRequest_isAnswered408_andTheConnectionCloses(_ request: String, _ seconds: Int) async throws
    {
        try await withServer(clock: clock) { router in
            router.post("/a", says("never"))
        } _: { port, server in
            let client = try await RawClient(port: port, sending: request)
            await clock.advance(by: .seconds(seconds) - .milliseconds(10))
            #expect(server.openConnections == 1)
            await clock.advance(by: .milliseconds(100))
            let response = try await client.response()
            #expect(response.status == 408 && response["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func silentConnection_isClosedWithoutAResponse() async throws {
        try await withServer(clock: clock, routes: serveA) { port, _ in
            let fresh = try RawClient(port: port)
            await clock.advance(by: .seconds(10.1))
            #expect(try await fresh.untilEnd().isEmpty)
            let idle = try RawClient(port: port)
            for _ in 0..<2 {
                try await idle.send(get("/a"))
                #expect(try await idle.response().text == "a")
                await clock.advance(by: .seconds(74.9))
            }
            await clock.advance(by: .seconds(0.2))
            #expect(try await idle.untilEnd().isEmpty)
        }
    }

    @Test func lateHandler_isCancelled_andItsClientGets503() async throws {
        let cancelled = Gate()
        try await withServer(clock: clock) { router in
            router.get("/late") { _ in
                .later {
                    await Gate().pass()
                    if Task.isCancelled { cancelled.open() }
                    return text("late")
                }
            }
            router.get("/a", says("a"))
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            await clock.advance(by: .seconds(30.1))
            let response = try await client.response()
            #expect(response.status == 503 && response["retry-after"] != nil)
            #expect(try await client.response().text == "a")
            await cancelled.pass()
        }
    }

    /// This test runs in real time, since the kernel's buffers fill by its own clock.
    @Test func connection_isDropped_whenItsReaderStalls() async throws {
        var configuration = EndpointConfiguration()
        configuration.timeouts.writeStall = .milliseconds(80)
        let observer = RecordingObserver()
        try await withServer(configuration, observer: observer) { router in
            router.get("/big") { _ in
                .now(Response(.ok, body: .bytes([UInt8](repeating: 1, count: 20_000_000))))
            }
        } _: { port, server in
            let client = try await RawClient(port: port, receiveBuffer: 4_096, sending: get("/big"))
            await observer.nextConnectionClose()
            #expect(server.openConnections == 0)
            withExtendedLifetime(client) {}
        }
    }
}
