import Endpoint
import EventLoops
import HTTPTypes
import HarborFleetTesting
import Testing
import WebSockets

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    @Test func client_getsItsResponse_whenItIsHalfClosed() async throws {
        let gate = Gate()
        try await withServer { router in
            router.get("/a", says("a", behind: gate))
        } _: { port, _ in
            let client = try await RawClient(port: port, sending: get("/a"))
            try await client.endSending()
            gate.open()
            #expect(try await client.response().text == "a")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func drain_answersRequestsUnderWay_andClosesTheRest() async throws {
        let gate = Gate()
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/later", says("done", behind: gate))
            router.get("/a", says("a"))
            router.get("/echo", echo())
        } _: { port, server in
            let idle = try await RawClient(port: port, sending: get("/a"))
            #expect(try await idle.response().text == "a")
            let socket = try await TestWebSocketClient(port: port, path: "/echo")
            let busy = try await RawClient(port: port, sending: get("/later") + get("/a"))
            // Once a third connection has its response, the pipelined second request has arrived too.
            #expect(try await answered(port))

            async let drained: Void = server.drain(
                within: .seconds(8), closingWebSocketsOver: .milliseconds(100))
            #expect(try await idle.untilEnd().isEmpty)
            #expect(try await socket.next() == .close(.serviceRestart, reason: []))
            try await socket.close(.serviceRestart)
            #expect(try await socket.next() == nil)
            gate.open()
            #expect(try await busy.response().text == "done")
            let last = try await busy.response()
            #expect(last.text == "a" && last["connection"] == "close")
            try await busy.endSending()
            #expect(try await busy.untilEnd().isEmpty)
            await drained
            #expect(server.openConnections == 0)
            #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
            #expect(await observer.nextWebSocketClose() == .some(.serviceRestart))
        }
    }

    private func answered(_ port: UInt16) async throws -> Bool {
        let client = try await RawClient(port: port, sending: get("/a", "Connection: close\r\n"))
        return try await client.response().status == 200
    }

    @Test func drain_endsConnectionsByForce_whenItsTimeIsOver() async throws {
        let cancelled = Gate()
        try await withServer { router in
            router.get("/a") { _ in
                .later {
                    await Gate().pass()
                    if Task.isCancelled { cancelled.open() }
                    return text("never")
                }
            }
            router.get("/ok", says("ok"))
        } _: { port, server in
            let client = try await RawClient(port: port, sending: get("/ok") + get("/a"))
            #expect(try await client.response().text == "ok")
            await server.drain(within: .milliseconds(50))
            await cancelled.pass()
            #expect(server.openConnections == 0)
        }
    }

    @Test func drain_closesWebSocketsInBatches() async throws {
        try await withServer(routes: serveEcho) { port, server in
            var sockets: [TestWebSocketClient] = []
            for _ in 0..<20 { sockets.append(try await TestWebSocketClient(port: port, path: "/echo")) }
            async let drained: Void = server.drain(
                within: .seconds(8), closingWebSocketsOver: .milliseconds(200))
            for socket in sockets {
                #expect(try await socket.next() == .close(.serviceRestart, reason: []))
                try await socket.close(.serviceRestart)
            }
            await drained
            #expect(server.openConnections == 0)
        }
    }

    @Test func run_listensUntilItIsCancelled() async throws {
        let group = try EventLoopGroup(count: 2, label: "test.run")
        group.start()
        var router = Router()
        router.get("/a", says("a"))
        let server = EndpointServer(
            EndpointConfiguration(), on: group, router: router, observer: SilentObserver(),
            errorResponder: PlainErrorResponder.respond)
        let ready = Gate()
        let running = Task { try await server.run { ready.open() } }
        await ready.pass()
        let client = try await RawClient(port: try #require(server.port), sending: get("/a"))
        #expect(try await client.response().text == "a")
        running.cancel()
        try await running.value
        #expect(try await client.untilEnd().isEmpty)
        await group.stop()
    }

    @Test func connections_areServedOnAllLoops() async throws {
        let observer = RecordingObserver()
        var configuration = EndpointConfiguration()
        // On a busy machine this client may need long to send on its last connection.
        configuration.timeouts.header = .seconds(120)
        configuration.timeouts.idle = .seconds(120)
        try await withServer(configuration, loops: 2, observer: observer) { router in
            router.get("/a") { request in .now(text(request.loop.label)) }
        } _: { port, server in
            var clients: [RawClient] = []
            for _ in 0..<300 { clients.append(try RawClient(port: port, timeoutSeconds: 60)) }
            for client in clients { try await client.send(get("/a") + get("/a")) }
            var loops: Set<String> = []
            for client in clients {
                loops.insert(try await client.response().text)
                #expect(try await client.response().status == 200)
            }
            #expect(loops.count == 2)
            #expect(server.openConnections == 300)
            #expect(observer.seen.finished.count == 600)
            #expect(observer.seen.finished.allSatisfy { $0 == "GET /a 200" })
        }
        #expect(observer.seen.opened == 300 && observer.seen.closed == 300)
    }

    @Test func connection_isAnswered503_beyondTheLimit() async throws {
        var configuration = EndpointConfiguration()
        configuration.maxConnections = 2
        configuration.maxConnectionsPerAddress = 1
        configuration.limitsLoopback = true
        let observer = RecordingObserver()
        try await withServer(configuration, observer: observer, routes: serveA) { port, _ in
            let first = try await RawClient(port: port, sending: get("/a"))
            #expect(try await first.response().text == "a")
            let second = try RawClient(port: port)
            let refused = try await second.response()
            #expect(refused.status == 503 && refused["retry-after"] == "1")
            #expect(observer.seen.refusals == [.connectionsPerAddress])
        }
    }

    @Test func observers_seeRouteLabelsAndNoPaths() async throws {
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/fleets/:fleet_id/status", says("ok"))
        } _: { port, _ in
            let client = try RawClient(port: port)
            for path in ["/fleets/north/status", "/nothing/north", "/fleets/north/status"] {
                try await client.send(get(path))
                _ = try await client.response()
            }
            try await client.send("NONSENSE\r\n\r\n")
            _ = try await client.response()
        }
        #expect(
            observer.seen.finished == [
                "GET /fleets/{fleet_id}/status 200", "GET unmatched 404", "GET /fleets/{fleet_id}/status 200",
                "- unmatched 400",
            ])
    }
}
