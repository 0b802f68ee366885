import HarborFleetTesting
import Testing

/// The proxy does to the bytes what its mode says, in the direction and at the byte that the mode names.
@Suite(.timeLimit(.minutes(1))) struct FaultProxyTests {
    /// A connection through a proxy. The test has both ends.
    private struct Way {
        let listener: LoopbackListener
        let proxy: FaultProxy
        let client: RawClient
        let server: RawClient

        init(_ mode: FaultProxy.Mode = .pass) async throws {
            listener = try LoopbackListener()
            proxy = try FaultProxy(to: .tcp(port: listener.port))
            await proxy.set(mode)
            client = try RawClient(port: proxy.port)
            server = try await listener.accepted()
        }

        func text(_ count: Int) async throws -> String { try await client.text(count) }
    }

    @Test func bytesAndEnds_passBothWays() async throws {
        let way = try await Way()
        try await way.client.send("request")
        #expect(try await way.server.text(7) == "request")
        try await way.client.endSending()
        #expect(try await way.server.untilEnd() == [])
        try await way.server.send("response")
        try await way.server.endSending()
        #expect(try await way.client.untilEnd() == Array("response".utf8))
        // The proxy closes its sockets after the client has seen the end, on a thread that announces nothing.
        try await waitUntil { way.proxy.connections == 0 }
        #expect(way.proxy.accepted == 1)
    }

    @Test func manyBytes_arriveInOrder_whenTheServerReadsLate() async throws {
        let way = try await Way()
        let text = (0..<300_000).map { "\($0 % 1000);" }.joined()
        async let sent: Void = way.client.send(text)
        let received = try await way.server.text(text.utf8.count)
        try await sent
        #expect(received == text)
    }

    @Test func delay_holdsEveryByteBackForItsTime() async throws {
        let way = try await Way(.delay(.milliseconds(50)))
        let start = ContinuousClock.now
        try await way.client.send("a")
        #expect(try await way.server.text(1) == "a")
        try await way.server.send("b")
        #expect(try await way.text(1) == "b")
        #expect(ContinuousClock.now - start >= .milliseconds(100))
    }

    @Test(arguments: [FaultProxy.Directions.toServer, .toClient])
    func hang_stopsOneDirectionAlone_untilItPassesAgain(_ hung: FaultProxy.Directions) async throws {
        let way = try await Way()
        await way.proxy.set(.hang(hung))
        try await way.client.send("up")
        try await way.server.send("down")
        if hung == .toServer {
            #expect(try await way.text(4) == "down")
        } else {
            #expect(try await way.server.text(2) == "up")
        }
        // This connection passes after the other one had every chance to.
        let other = try RawClient(port: way.proxy.port)
        let otherServer = try await way.listener.accepted()
        await way.proxy.set(.pass)
        try await other.send("x")
        #expect(try await otherServer.text(1) == "x")
        if hung == .toServer {
            #expect(try await way.server.text(2) == "up")
        } else {
            #expect(try await way.text(4) == "down")
        }
    }

    @Test func hang_acceptsNewConnections_andSendsThemNothing() async throws {
        let listener = try LoopbackListener()
        let proxy = try FaultProxy(to: .tcp(port: listener.port))
        await proxy.set(.hang(.both))
        let client = try RawClient(port: proxy.port, timeoutSeconds: 1)
        let server = try await listener.accepted()
        try await server.send("hello")
        await #expect(throws: RawClient.Failure.timedOut(.receiving)) { try await client.bytes(1) }
    }

    @Test func cut_endsBothSides() async throws {
        let way = try await Way()
        await way.proxy.cut(.end)
        #expect(try await way.client.untilEnd() == [])
        #expect(try await way.server.untilEnd() == [])
        #expect(way.proxy.connections == 0)
    }

    @Test func cut_resetsBothSides() async throws {
        let way = try await Way()
        await way.proxy.cut(.reset)
        await #expect(throws: RawClient.Failure.reset) { try await way.client.bytes(1) }
        await #expect(throws: RawClient.Failure.reset) { try await way.server.text(1) }
        // Later connections pass.
        let next = try RawClient(port: way.proxy.port)
        let server = try await way.listener.accepted()
        try await next.send("x")
        #expect(try await server.text(1) == "x")
    }

    @Test func truncate_passesItsBytesToTheServer_thenEndsBothSides() async throws {
        let way = try await Way()
        try await way.client.send("before")
        #expect(try await way.server.text(6) == "before")
        await way.proxy.set(.truncate(.toServer, after: 3, .end))
        try await way.server.send("passes")
        #expect(try await way.text(6) == "passes")
        try await way.client.send("12345")
        #expect(try await way.server.untilEnd() == Array("123".utf8))
        #expect(try await way.client.untilEnd() == [])
        // The proxy counts on its own thread, which announces nothing.
        try await waitUntil { way.proxy.truncated == 1 }
    }

    @Test func truncate_losesTheResponse_whenItCutsTheWayBack() async throws {
        let way = try await Way(.truncate(.toClient, after: 0, .reset))
        try await way.client.send("commit")
        #expect(try await way.server.text(6) == "commit")
        try await way.server.send("done")
        await #expect(throws: RawClient.Failure.reset) { try await way.client.bytes(1) }
    }

    @Test func refuse_acceptsNoNewConnection_andOpenOnesGoOn() async throws {
        let way = try await Way()
        await way.proxy.set(.refuse)
        #expect(throws: RawClient.Failure.refused) { try RawClient(port: way.proxy.port) }
        try await way.client.send("x")
        #expect(try await way.server.text(1) == "x")
        await way.proxy.set(.pass)
        _ = try RawClient(port: way.proxy.port)
    }

    @Test func client_isReset_whenNoServerListens() async throws {
        let port = try FreePort.find()
        for target in [FaultProxy.Target.tcp(port: port), .unixSocket(path: "/tmp/hf-no-socket")] {
            let proxy = try FaultProxy(to: target)
            await #expect(throws: RawClient.Failure.self) {
                let client = try RawClient(port: proxy.port)
                _ = try await client.bytes(1)
            }
        }
    }
}

extension RawClient {
    fileprivate func text(_ count: Int) async throws -> String {
        String(decoding: try await bytes(count), as: UTF8.self)
    }
}
