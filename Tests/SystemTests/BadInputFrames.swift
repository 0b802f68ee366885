import HarborFleetTesting
import Testing
import WebSockets

/// Frames that end a live stream, and the close code of the server.
struct BadFrames: Sendable, CustomTestStringConvertible {
    let name: String
    let code: CloseCode
    let bytes: [UInt8]

    init(_ name: String, _ code: CloseCode, _ bytes: [UInt8]) {
        self.name = name
        self.code = code
        self.bytes = bytes
    }

    var testDescription: String { name }

    static let all: [BadFrames] = [
        BadFrames("an unmasked frame", .protocolError, [0x81, 0x02] + Array("hi".utf8)),
        BadFrames("the first reserved bit", .protocolError, frame(0xC1, Array("hi".utf8))),
        BadFrames("the second reserved bit", .protocolError, frame(0xA1, Array("hi".utf8))),
        BadFrames("the third reserved bit", .protocolError, frame(0x91, Array("hi".utf8))),
        BadFrames("a reserved data opcode", .protocolError, frame(0x83, [])),
        BadFrames("a reserved control opcode", .protocolError, frame(0x8B, [])),
        BadFrames("a frame that is too long", .messageTooBig, header(0x82, length: 65_537)),
        BadFrames("a frame of an exabyte", .messageTooBig, header(0x82, length: 1 << 60)),
        BadFrames("a length with its highest bit set", .protocolError, header(0x82, length: 1 << 63)),
        BadFrames(
            "a message that is too long", .messageTooBig,
            frame(0x02, [UInt8](repeating: 0, count: 40_000))
                + frame(0x80, [UInt8](repeating: 0, count: 40_000))),
        BadFrames("text that is no UTF-8", .invalidPayload, frame(0x81, [0x61, 0xFF])),
        BadFrames("text that ends within a character", .invalidPayload, frame(0x81, [0xE2, 0x82])),
        BadFrames("a surrogate in text", .invalidPayload, frame(0x81, [0xED, 0xA0, 0x80])),
        BadFrames(
            "bad UTF-8 over two frames", .invalidPayload, frame(0x01, [0xE2, 0x82]) + frame(0x80, [0x28])),
        BadFrames("close code 0", .protocolError, close(0)),
        BadFrames("close code 999", .protocolError, close(999)),
        BadFrames("close code 1004", .protocolError, close(1_004)),
        BadFrames("close code 1005", .protocolError, close(1_005)),
        BadFrames("close code 1006", .protocolError, close(1_006)),
        BadFrames("close code 1015", .protocolError, close(1_015)),
        BadFrames("close code 2999", .protocolError, close(2_999)),
        BadFrames("close code 65535", .protocolError, close(65_535)),
        BadFrames("half a close code", .protocolError, frame(0x88, [0x03])),
        BadFrames("a close reason that is no UTF-8", .invalidPayload, close(1_000, reason: [0xFF])),
        BadFrames("a fragmented ping", .protocolError, frame(0x09, [])),
        BadFrames("a fragmented close", .protocolError, frame(0x08, [0x03, 0xE8])),
        BadFrames("a ping of 126 bytes", .protocolError, frame(0x89, [UInt8](repeating: 0, count: 126))),
        BadFrames("a continuation of nothing", .protocolError, frame(0x80, Array("hi".utf8))),
        BadFrames(
            "a message within a message", .protocolError, frame(0x01, [0x61]) + frame(0x81, [0x62])),
        BadFrames(
            "a length that is not in its shortest form", .protocolError,
            [0x82, 0xFE, 0x00, 0x05, 0, 0, 0, 0, 1, 2, 3, 4, 5]),
    ]

    /// Sends them on a new live stream and checks how it ends.
    func check(_ server: BadInputServer) async throws {
        let path = "/api/v1/fleets/\(BadInputServer.north)/live?token=\(server.token)"
        let client = try await TestWebSocketClient(port: server.port, path: path)
        let snapshot = try await client.text()
        #expect(snapshot?.hasPrefix(#"{"type":"snapshot","recovered":false,"#) == true, "\(name)")
        try await client.raw.send(bytes)
        try await expectClose(client)
        // The client's close ends the connection, although its earlier frames were wrong.
        try? await client.close(code)
        #expect(try await client.next() == nil, "\(name)")
    }

    private func expectClose(_ client: TestWebSocketClient) async throws {
        while let event = try await client.next() {
            guard case .close(let given, _) = event else { continue }
            return #expect(given == code, "\(name)")
        }
        Issue.record("\(name): no close frame")
    }

    /// A masked frame of at most 65,535 bytes, whatever its first byte says.
    private static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        header(first, length: UInt64(payload.count)) + payload
    }

    /// The header alone, with a key of zeros, which leaves the payload as it is.
    private static func header(_ first: UInt8, length: UInt64) -> [UInt8] {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        let size: [UInt8] =
            switch length {
            case ...125: [0x80 | UInt8(length)]
            case ...65_535: [0x80 | 126] + bytes.suffix(2)
            default: [0x80 | 127] + bytes
            }
        return [first] + size + [0, 0, 0, 0]
    }

    private static func close(_ code: UInt16, reason: [UInt8] = []) -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }
}
