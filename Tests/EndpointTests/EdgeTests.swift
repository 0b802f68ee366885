import Endpoint
import EventLoops
import HTTPTypes
import HarborFleetTesting
import Testing
import WebSockets

/// Epoll reports an edge once. The connection must remember what a turn leaves behind, or it stands still.
@Suite(.timeLimit(.minutes(1))) struct EdgeTests {
    @Test func endOfInput_isSeenAfterTheResponse_whenItCameWithARequest() async throws {
        try await withServer(routes: serveA) { port, server in
            let client = try RawClient(port: port)
            let held = try await HeldLoop.hold(server) { _ in }
            try await client.send(get("/a"))
            try await client.endSending()
            held.release()
            #expect(try await client.response().text == "a")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func connection_ends_whenTheInputEndsInsideARequest() async throws {
        try await withServer(routes: serveA) { port, server in
            let client = try RawClient(port: port)
            let held = try await HeldLoop.hold(server) { _ in }
            try await client.send(String(get("/a").prefix(10)))
            try await client.endSending()
            held.release()
            // The time-out does not end it: its response would be 408.
            let response = String(decoding: try await client.untilEnd(), as: UTF8.self)
            #expect(!response.contains(" 408 "))
        }
    }

    /// A read stops at the mark of urgent data, although more bytes follow.
    @Test func bytesBehindUrgentData_areRead() async throws {
        try await withServer(routes: serveA) { port, server in
            let client = try RawClient(port: port)
            let held = try await HeldLoop.hold(server) { _ in }
            try await client.send(String(get("/a").prefix(10)))
            try await client.sendUrgent(33)
            try await client.send(String(get("/a").dropFirst(10)))
            held.release()
            #expect(try await client.response().text == "a")
        }
    }

    @Test func endOfInput_isSeen_whenItCameWithAFrame() async throws {
        let observer = RecordingObserver()
        try await withServer(observer: observer) {
            $0.get("/echo") { _ in .upgrade(WebSocketUpgrade { _ in nil }) }
        } _: { port, server in
            let client = try await TestWebSocketClient(port: port, path: "/echo")
            let held = try await HeldLoop.hold(server) { _ in }
            try await client.send(text: "hello")
            try await client.raw.endSending()
            held.release()
            #expect(try await client.raw.untilEnd().isEmpty)
            _ = await observer.nextWebSocketClose()
        }
    }

    /// The input is more than one turn reads. While responses are outstanding, reading also pauses.
    @Test(arguments: [false, true]) func input_isReadInALaterTurn_whenOneTurnCannotReadItAll(waits: Bool)
        async throws
    {
        try await withServer {
            $0.get("/a") { _ in
                guard waits else { return .now(text("a")) }
                return .later {
                    await Task.yield()
                    return text("a")
                }
            }
        } _: { port, _ in
            let client = try RawClient(port: port)
            let padding = String(repeating: "p", count: 4_000)
            let request = "GET /a HTTP/1.1\r\nHost: h\r\nX-Padding: \(padding)\r\n\r\n"
            // The responses are small enough for the kernel's buffers.
            try await client.send(String(repeating: request, count: 500))
            for _ in 0..<500 { #expect(try await client.response().text == "a") }
        }
    }

    /// The kernel accepts more than one turn sends, so it never reports that it has room again.
    @Test func output_isSentInALaterTurn_whenOneTurnCannotSendItAll() async throws {
        let (fills, report) = AsyncStream<Filled>.makeStream()
        let upgrade = WebSocketUpgrade(limits: WebSocketLimits(outboxBytes: 64_000_000)) {
            fill($0) { report.yield($0) }
            return nil
        }
        try await withServer {
            $0.get("/fill") { _ in .upgrade(upgrade) }
        } _: { port, server in
            let client = try await TestWebSocketClient(port: port, path: "/fill")
            var iterator = fills.makeAsyncIterator()
            let filled = try #require(await iterator.next())
            try #require(filled.inKernel > 200_000)
            let held = try await HeldLoop.hold(server) { _ in }
            _ = try await client.raw.bytes(filled.inKernel)
            held.release()
            _ = try await client.raw.bytes(filled.inOutbox)
        }
    }

    struct Filled: Sendable {
        var inKernel: Int
        var inOutbox: Int
    }

    /// Sends until the kernel accepts no more, and then much more.
    private func fill(_ channel: WebSocketChannel, filled: @escaping @Sendable (Filled) -> Void) {
        var bytes: [UInt8] = []
        FrameEncoder.append(.binary, payload: [UInt8](repeating: 5, count: 20_000), into: &bytes)
        let frame = bytes
        let bound = LoopBound(channel, on: channel.loop)
        // This runs outside of the batch in which the channel opens.
        channel.loop.execute {
            let channel = bound.value
            var sent = 0
            var after = 0
            while after < 400 {
                channel.send(encodedFrames: frame)
                sent += frame.count
                if channel.isBlocked { after += 1 }
            }
            filled(Filled(inKernel: sent - channel.pendingBytes, inOutbox: channel.pendingBytes))
        }
    }
}
