import Endpoint
import EventLoops
import HarborFleetTesting
import Testing
import WebSockets

@Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
    @Test func messages_comeBackWhole_withTheirType() async throws {
        let limits = WebSocketLimits(
            frameBytes: 16_777_216, messageBytes: 16_777_216, outboxBytes: 33_554_432)
        try await withServer {
            $0.get("/echo", echo(limits))
        } _: { port, _ in
            let client = try await TestWebSocketClient(port: port, path: "/echo")
            #expect(client.handshake["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            try await client.send(text: "hello")
            #expect(try await client.text() == "hello")
            try await client.send(.binary, [1, 2, 3])
            #expect(try await client.next() == .binary([1, 2, 3]))
            try await client.send(.text, Array("frag".utf8), isFinal: false)
            try await client.send(.continuation, Array("mented".utf8))
            #expect(try await client.text() == "fragmented")
            let large = [UInt8](repeating: 7, count: 10_000_000)
            try await client.send(.binary, large)
            #expect(try await client.next() == .binary(large))
        }
    }

    @Test func frames_areRead_oneByteAtATimeAndDirectlyAfterTheHandshake() async throws {
        try await withServer(routes: serveEcho) { port, _ in
            let raw = try RawClient(port: port)
            let request = Array(TestWebSocketClient.request(path: "/echo").utf8)
            try await raw.send(request + TestWebSocketClient.frame(.text, Array("early".utf8)))
            #expect(try await raw.response(hasBody: false).status == 101)
            #expect(try await raw.bytes(7) == [0x81, 5] + Array("early".utf8))
            for byte in TestWebSocketClient.frame(.text, Array("late".utf8)) { try await raw.send([byte]) }
            #expect(try await raw.bytes(6) == [0x81, 4] + Array("late".utf8))
        }
    }

    @Test func ping_isAnsweredWithAPong_andTheServerPings() async throws {
        let clock = try ManualTimePoller()
        try await withServer(clock: clock, routes: serveEcho) { port, _ in
            let client = try await TestWebSocketClient(port: port, path: "/echo")
            await clock.advance(by: .seconds(26))
            #expect(try await client.next() == .ping([]))
            try await client.send(.ping, [9])
            #expect(try await client.next() == .pong([9]))
            try await client.close(.goingAway)
            #expect(try await client.next() == .close(.goingAway, reason: []))
            #expect(try await client.next() == nil)
        }
    }

    @Test func silentPeer_isDropped() async throws {
        let clock = try ManualTimePoller()
        let observer = RecordingObserver()
        try await withServer(clock: clock, observer: observer, routes: serveEcho) { port, _ in
            let client = try await TestWebSocketClient(port: port, path: "/echo")
            await clock.advance(by: .seconds(60.1))
            for _ in 0..<2 { #expect(try await client.next() == .ping([])) }
            #expect(try await client.next() == nil)
            #expect(await observer.nextWebSocketClose() == .some(nil))
        }
    }

    @Test func protocolError_isClosedWithItsCode() async throws {
        try await withServer(routes: serveEcho) { port, _ in
            let unmasked = try await TestWebSocketClient(port: port, path: "/echo")
            try await unmasked.raw.send([0x81, 1, 65])
            #expect(try await unmasked.closeCode() == .protocolError)
            #expect(try await unmasked.next() == nil)
            let big = try await TestWebSocketClient(port: port, path: "/echo")
            try await big.send(.text, [UInt8](repeating: 65, count: 65_537))
            #expect(try await big.closeCode() == .messageTooBig, "no close for a big message")
        }
    }

    @Test func handshake_isRefused_whenAFieldIsWrong() async throws {
        try await withServer(routes: serveEcho) { port, _ in
            let request = TestWebSocketClient.request(path: "/echo")
            let cases = [
                (request.replacing("Version: 13", with: "Version: 8"), 426),
                (request.replacing("Sec-WebSocket-Key: \(TestWebSocketClient.key)\r\n", with: ""), 400),
                (request.replacing(TestWebSocketClient.key, with: "c2hvcnQ="), 400),
                (request.replacing("Upgrade: websocket\r\n", with: ""), 426),
                (request.replacing("Connection: Upgrade", with: "Connection: keep-alive"), 426),
                (request.replacing("\r\n\r\n", with: "\r\nContent-Length: 1\r\n\r\nx"), 400),
                (
                    request.replacing("GET", with: "POST").replacing(
                        "Host", with: "Content-Length: 0\r\nHost"), 405
                ),
            ]
            for (request, status) in cases {
                let client = try await RawClient(port: port, sending: request)
                #expect(try await client.response().status == status)
                // After the refusal the connection goes on as HTTP.
                try await client.send(get("/none"))
                #expect(try await client.response().status == 404)
            }
        }
    }

    @Test func handshake_acceptsListsAnyCaseAndALengthOfZero() async throws {
        try await withServer(routes: serveEcho) { port, _ in
            let client = try RawClient(port: port)
            let request = TestWebSocketClient.request(path: "/echo", fields: ["Content-Length: 0"])
                .replacing("Connection: Upgrade", with: "Connection: keep-alive , uPGRADE")
                .replacing("Upgrade: websocket", with: "Upgrade: h2c, WebSocket")
            try await client.send(Array(request.utf8) + TestWebSocketClient.frame(.text, [0x41]))
            #expect(try await client.response(hasBody: false).status == 101)
            #expect(try await client.bytes(3) == [0x81, 1, 0x41])
        }
    }

    @Test func handshake_isRefused_overHTTP10() async throws {
        try await withServer(routes: serveEcho) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                TestWebSocketClient.request(path: "/echo").replacing("HTTP/1.1", with: "HTTP/1.0"))
            #expect(try await client.response().status == 426)
        }
    }

    /// Sends more shared frames than the outbox accepts, and reports the peak of the waiting bytes.
    private final class Flood: WebSocketDelegate {
        static let frame: [UInt8] = {
            var bytes: [UInt8] = []
            FrameEncoder.append(.binary, payload: [UInt8](repeating: 5, count: 60_000), into: &bytes)
            return bytes
        }()
        private let policy: OverflowPolicy
        private let overflowed: Gate

        init(
            _ channel: WebSocketChannel, policy: OverflowPolicy, overflowed: Gate = Gate(),
            peak: @escaping @Sendable (Int) -> Void = { _ in }
        ) {
            self.policy = policy
            self.overflowed = overflowed
            let bound = LoopBound(channel, on: channel.loop)
            // By then the channel knows its delegate.
            channel.loop.execute {
                let channel = bound.value
                // More than any socket buffer takes.
                channel.batch { for _ in 0..<1_000 { channel.send(encodedFrames: Self.frame) } }
                peak(channel.pendingBytes)
            }
        }

        func overflow(of bytes: Int, on channel: WebSocketChannel) -> OverflowPolicy {
            overflowed.open()
            return policy
        }

        func drained(_ channel: WebSocketChannel) { channel.send(text: Array("drained".utf8)) }
    }

    @Test func slowReader_isBounded_andTheDelegateHearsThatItCaughtUp() async throws {
        let overflowed = Gate()
        let (peaks, report) = AsyncStream<Int>.makeStream()
        try await withServer { router in
            router.get("/flood") { _ in
                .upgrade(
                    WebSocketUpgrade {
                        Flood($0, policy: .drop, overflowed: overflowed) { report.yield($0) }
                    })
            }
        } _: { port, _ in
            let client = try await TestWebSocketClient(port: port, path: "/flood", receiveBuffer: 4_096)
            await overflowed.pass()
            var iterator = peaks.makeAsyncIterator()
            let peak = try #require(await iterator.next())
            #expect(peak > 0 && peak <= 1_048_576)
            var frames = 0
            while case .binary(let payload) = try await client.next() {
                #expect(payload.count == 60_000)
                frames += 1
            }
            #expect(frames > 16 && frames < 1_000)
        }
    }

    @Test func blockedChannel_isClosedWith1013() async throws {
        // All 60 MB of the flood: more than the kernel's buffers take.
        let limits = WebSocketLimits(
            outboxBytes: 64_000_000, blocked: .milliseconds(60), closing: .milliseconds(60))
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/flood") { _ in
                .upgrade(
                    WebSocketUpgrade(limits: limits) { Flood($0, policy: .drop) })
            }
        } _: { port, _ in
            let client = try await TestWebSocketClient(port: port, path: "/flood", receiveBuffer: 4_096)
            #expect(await observer.nextWebSocketClose() == .some(.tryAgainLater))
            withExtendedLifetime(client) {}
        }
    }
}
