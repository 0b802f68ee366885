import EventLoops
import HarborFleetTesting
import Testing
import WebSockets

@testable import Endpoint

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    /// Returns when the loop has begun to drain.
    private func beginDrain(of server: EndpointServer) async throws {
        let begun = Gate()
        let held = try await HeldLoop.hold(server) { part in
            part.drain(within: .seconds(8), spread: .zero) {}
            begun.open()
        }
        held.release()
        await begun.pass()
    }

    @Test func drain_answersUnreadRequests() async throws {
        try await withServer(routes: serveA) { port, server in
            let known = try await RawClient(port: port, sending: get("/a"))
            #expect(try await known.response()["connection"] == nil)
            let drained = Gate()
            let held = try await HeldLoop.hold(server) { part in
                part.drain(within: .seconds(8), spread: .zero) { drained.open() }
            }
            try await known.send(get("/a"))
            // This client is connected, but the server has not accepted it yet.
            let new = try await RawClient(port: port, sending: get("/a"))
            held.release()
            for client in [known, new] {
                let response = try await client.response()
                #expect(response.text == "a" && response["connection"] == "close")
                #expect(try await client.untilEnd().isEmpty)
                try await client.endSending()
            }
            await drained.pass()
            #expect(server.openConnections == 0)
        }
    }

    @Test func drain_answersRequestsBehindAChange() async throws {
        let (asked, gate) = (Gate(), Gate())
        try await withServer { router in
            router.post("/change") { _ in
                .later {
                    asked.open()
                    await gate.pass()
                    return text("changed")
                }
            }
            router.get("/a", says("a"))
        } _: { port, server in
            let client = try await RawClient(port: port, sending: post("/change", "") + get("/a"))
            await asked.pass()
            try await beginDrain(of: server)
            gate.open()
            #expect(try await client.response().text == "changed")
            let last = try await client.response()
            #expect(last.text == "a" && last["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func drain_closesAWebSocket_thatUpgradesMeanwhile() async throws {
        let (asked, gate) = (Gate(), Gate())
        try await withServer { router in
            router.get("/echo") { _ in
                .decidedLater {
                    asked.open()
                    await gate.pass()
                    return .upgrade(WebSocketUpgrade { _ in EchoDelegate() })
                }
            }
        } _: { port, server in
            async let connected = TestWebSocketClient(port: port, path: "/echo")
            await asked.pass()
            try await beginDrain(of: server)
            gate.open()
            let client = try await connected
            #expect(try await client.next() == .close(.serviceRestart, reason: []))
        }
    }

    @Test func server_canStartAgainOnItsPort_afterADrain() async throws {
        try await withServer(routes: serveA) { port, server in
            await server.drain(within: .milliseconds(100))
            try await server.start()
            #expect(server.port == port)
            let client = try await RawClient(port: port, sending: get("/a"))
            #expect(try await client.response().text == "a")
            // A second drain completes too.
            try await client.endSending()
            await server.drain(within: .seconds(8))
            #expect(server.openConnections == 0)
        }
    }

    @Test func drain_leavesLaterConnectionsAlone_onceItIsDone() async throws {
        let (started, gate) = (Gate(), Gate())
        let clock = try ManualTimePoller()
        try await withServer(clock: clock) { router in
            router.get("/a", says("a"))
            router.get("/later") { _ in
                .later {
                    started.open()
                    await gate.pass()
                    return text("later")
                }
            }
        } _: { port, server in
            let first = try await RawClient(port: port, sending: get("/a"))
            #expect(try await first.response().text == "a")
            async let drained: Void = server.drain(within: .milliseconds(250))
            #expect(try await first.untilEnd().isEmpty)
            try await first.endSending()
            await drained
            try await server.start()
            let second = try await RawClient(port: port, sending: get("/later"))
            await started.pass()
            // If the drain's timer were still armed, it would end the connection.
            await clock.advance(by: .milliseconds(300))
            gate.open()
            #expect(try await second.response().text == "later")
        }
    }

    @Test func run_canBeCalledAgain_afterACancellation() async throws {
        try await withServer(routes: serveA) { port, server in
            await server.drain(within: .zero)
            for _ in 0..<3 {
                let ready = Gate()
                let running = Task { try await server.run { ready.open() } }
                await ready.pass()
                let client = try await RawClient(port: port, sending: get("/a"))
                #expect(try await client.response().text == "a")
                running.cancel()
                try await running.value
                #expect(try await client.untilEnd().isEmpty)
            }
        }
    }
}
