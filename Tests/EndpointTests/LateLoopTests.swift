import Endpoint
import HarborFleetTesting
import Testing
import WebSockets

/// A loop that stood still, as in a stopped process, does not blame its peers for the silence.
@Suite(.timeLimit(.minutes(1))) struct LateLoopTests {
    private let clock: ManualTimePoller

    init() throws { clock = try ManualTimePoller() }

    /// Holds the loop for longer than its peers may be silent, and lets it run a turn before they send anything.
    private func standStill(_ server: EndpointServer, _ port: UInt16) async throws {
        let held = try await HeldLoop.hold(server) { _ in }
        clock.jump(by: .seconds(3))
        held.release()
        #expect(try await RawClient.get("/a", port: port).text == "a")
    }

    @Test func peers_areNotLate_whenTheLoopStoodStill() async throws {
        var configuration = EndpointConfiguration()
        configuration.timeouts.idle = .seconds(2)
        configuration.timeouts.body = .seconds(2)
        let limits = WebSocketLimits(pingInterval: .seconds(1), silence: .seconds(2))
        try await withServer(configuration, clock: clock) { router in
            router.get("/a", says("a"))
            router.post("/a") { request in .now(text("\(request.body.count)")) }
            router.get("/echo", echo(limits))
        } _: { port, server in
            let idle = try await RawClient(port: port, sending: get("/a"))
            #expect(try await idle.response().text == "a")
            let socket = try await TestWebSocketClient(port: port, path: "/echo")
            let body = try RawClient(port: port)
            try await body.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na")
            try await standStill(server, port)
            try await socket.send(text: "still here")
            try await body.send("bc")
            try await idle.send(get("/a"))
            #expect(try await idle.response().text == "a")
            #expect(try await body.response().text == "3")
            #expect(try await socket.next() == .text(Array("still here".utf8)))
        }
    }

    /// The server's own deadlines run in real time.
    @Test func handlerDeadline_doesNotMove_whenTheLoopStoodStill() async throws {
        var configuration = EndpointConfiguration()
        configuration.timeouts.handler = .seconds(2)
        try await withServer(configuration, clock: clock) { router in
            router.get("/a", says("a"))
            router.get("/late") { _ in
                .later {
                    await Gate().pass()
                    return text("late")
                }
            }
        } _: { port, server in
            let client = try await RawClient(port: port, sending: get("/late"))
            #expect(try await RawClient.get("/a", port: port).text == "a")
            try await standStill(server, port)
            #expect(try await client.response().status == 503)
        }
    }
}
