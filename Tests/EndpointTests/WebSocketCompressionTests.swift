import Endpoint
import HarborFleetTesting
import Testing
import WebSockets

@Suite(.timeLimit(.minutes(1))) struct WebSocketCompressionTests {
    private static let offer = "Sec-WebSocket-Extensions: permessage-deflate"

    private func withEcho(
        _ compression: WebSocketCompression?, limits: WebSocketLimits = WebSocketLimits(),
        _ body: (UInt16) async throws -> Void
    ) async throws {
        try await withServer { router in
            router.get("/echo") { _ in
                .upgrade(
                    WebSocketUpgrade(limits: limits, compression: compression) { _ in EchoDelegate() })
            }
        } _: { port, _ in
            try await body(port)
        }
    }

    private func client(_ port: UInt16, _ fields: String...) async throws -> TestWebSocketClient {
        try await TestWebSocketClient(port: port, path: "/echo", fields: fields)
    }

    private func frame(
        _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = true
    ) -> [UInt8] {
        var frame: [UInt8] = []
        FrameEncoder.append(
            opcode, payload: payload, isFinal: isFinal, isCompressed: isCompressed, mask: 0x0102_0304,
            into: &frame)
        return frame
    }

    @Test(arguments: [
        "", "; server_no_context_takeover", "; client_no_context_takeover; server_max_window_bits=9",
    ])
    func messages_comeBackUnchanged_withAnyParameters(parameters: String) async throws {
        try await withEcho(WebSocketCompression()) { port in
            let client = try await client(port, Self.offer + parameters)
            #expect(client.handshake["sec-websocket-extensions"] == "permessage-deflate" + parameters)
            let deflate = try #require(PerMessageDeflate(response: "permessage-deflate" + parameters))
            let deflater = MessageDeflater(deflate.client)
            for number in 0..<20 {
                let message = Array(String(repeating: "vehicle \(number), ", count: number * 40).utf8)
                let packed = deflater.compress(message.span)
                try await client.raw.send(
                    frame(.text, packed ?? message, isCompressed: packed != nil))
                #expect(try await client.next() == .text(message))
            }
            try await client.send(.binary, [1, 2])
            #expect(try await client.next() == .binary([1, 2]))
        }
    }

    @Test func bytes_areThoseOfTheRFC() async throws {
        try await withEcho(WebSocketCompression()) { port in
            let raw = try RawClient(port: port)
            try await raw.send(TestWebSocketClient.request(path: "/echo", fields: [Self.offer]))
            #expect(try await raw.response(hasBody: false).status == 101)
            // RFC 7692 sections 7.2.3.1 and 7.2.3.2: the second message refers to the first.
            let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
            let again: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
            for payload in [hello, again] {
                for byte in frame(.text, payload) { try await raw.send([byte]) }
            }
            #expect(try await raw.bytes(9) == [0xC1, 7] + hello)
            #expect(try await raw.bytes(7) == [0xC1, 5] + again)
        }
    }

    @Test func shortMessages_areNotCompressed() async throws {
        var compression = WebSocketCompression()
        compression.thresholdBytes = 100
        try await withEcho(compression) { port in
            let raw = try RawClient(port: port)
            try await raw.send(TestWebSocketClient.request(path: "/echo", fields: [Self.offer]))
            #expect(try await raw.response(hasBody: false).status == 101)
            try await raw.send(frame(.text, Array("Hello".utf8), isCompressed: false))
            #expect(try await raw.bytes(7) == [0x81, 5] + Array("Hello".utf8))
            try await raw.send(frame(.text, [UInt8](repeating: 65, count: 100), isCompressed: false))
            #expect(try await raw.bytes(1) == [0xC1])
        }
    }

    @Test func messages_areNotCompressed_withoutAnAgreement() async throws {
        for (compression, field) in [
            (nil, Self.offer), (WebSocketCompression(), "X-Nothing: 1"),
            (WebSocketCompression(), Self.offer + "; server_max_window_bits=8"),
        ] {
            try await withEcho(compression) { port in
                let client = try await client(port, field)
                #expect(client.handshake["sec-websocket-extensions"] == nil)
                try await client.send(text: "plain")
                #expect(try await client.text() == "plain")
                try await client.raw.send(frame(.text, [0x00]))
                #expect(try await client.closeCode() == .protocolError, "the bit was taken")
            }
        }
    }

    @Test func offers_areRead_onSeveralLines() async throws {
        try await withEcho(WebSocketCompression()) { port in
            let client = try await client(
                port, "Sec-WebSocket-Extensions: foo; bar=\"1\"", Self.offer + "; client_max_window_bits=10")
            #expect(
                client.handshake["sec-websocket-extensions"]
                    == "permessage-deflate; client_max_window_bits=10")
        }
    }

    @Test func handshake_fails_whenTheExtensionsAreMalformed() async throws {
        try await withEcho(nil) { port in
            await #expect(throws: TestWebSocketClient.Refused.self) {
                try await client(port, Self.offer + "; ;")
            }
            let raw = try RawClient(port: port)
            try await raw.send(TestWebSocketClient.request(path: "/echo", fields: [Self.offer + ";="]))
            #expect(try await raw.response().status == 400)
        }
    }

    @Test func bomb_isClosedWith1009_andBrokenDataWith1007() async throws {
        try await withEcho(WebSocketCompression()) { port in
            let bomb = try await client(port, Self.offer)
            let deflater = MessageDeflater(DeflateParameters())
            let payload = deflater.compress([UInt8](repeating: 0, count: 16 << 20).span)
            try await bomb.raw.send(frame(.binary, try #require(payload)))
            #expect(try await bomb.closeCode() == .messageTooBig, "no close for a bomb")
            let broken = try await client(port, Self.offer)
            try await broken.raw.send(frame(.binary, [0x07, 0xFF]))
            #expect(try await broken.closeCode() == .invalidPayload, "no close for broken data")
            #expect(try await broken.next() == nil)
        }
    }
}
