package import WebSockets

/// A WebSocket client for tests, on a `RawClient`.
///
/// Two tasks must not use it at once: it is `@unchecked Sendable` only because each step of a test awaits the
/// one before.
package final class TestWebSocketClient: @unchecked Sendable {
    /// The response to the upgrade was not 101.
    package struct Refused: Error {
        package let response: RawResponse
    }

    package static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    /// The fields that ask for an upgrade.
    package static let upgrade = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
    ]

    package let raw: RawClient
    /// The server's 101 response.
    package let handshake: RawResponse
    private var decoder: FrameDecoder
    private var waiting: [WebSocketEvent] = []

    /// Connects and upgrades.
    /// - Parameters:
    ///   - path: the request target.
    ///   - fields: further header lines, without line ends.
    ///   - maxMessageBytes: the largest message that the client accepts.
    package init(
        port: UInt16, path: String, fields: [String] = [], receiveBuffer: CInt? = nil,
        maxMessageBytes: Int = 33_554_432
    ) async throws {
        raw = try RawClient(port: port, receiveBuffer: receiveBuffer)
        decoder = FrameDecoder(
            role: .client, maxFrameBytes: maxMessageBytes, maxMessageBytes: maxMessageBytes)
        try await raw.send(Self.request(path: path, fields: fields))
        handshake = try await raw.response(hasBody: false)
        guard handshake.status == 101 else { throw Refused(response: handshake) }
        guard let extensions = handshake["sec-websocket-extensions"] else { return }
        guard let deflate = PerMessageDeflate(response: extensions) else {
            throw Refused(response: handshake)
        }
        decoder = FrameDecoder(
            role: .client, maxFrameBytes: maxMessageBytes, maxMessageBytes: maxMessageBytes,
            inflating: deflate.server)
    }

    /// The text of an upgrade request.
    package static func request(path: String, fields: [String] = []) -> String {
        let lines = ["GET \(path) HTTP/1.1", "Host: localhost"] + upgrade + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// Sends one text message.
    package func send(text: String) async throws {
        try await send(.text, Array(text.utf8))
    }

    /// Sends one masked frame.
    package func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) async throws {
        try await raw.send(Self.frame(opcode, payload, isFinal: isFinal))
    }

    /// Sends a close frame.
    package func close(_ code: CloseCode = .normal) async throws {
        try await send(.close, FrameEncoder.closePayload(code))
    }

    /// One masked frame.
    package static func frame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var frame: [UInt8] = []
        FrameEncoder.append(opcode, payload: payload, isFinal: isFinal, mask: 0x1234_5678, into: &frame)
        return frame
    }

    /// The next event; nil when the server has ended the connection.
    package func next() async throws -> WebSocketEvent? {
        while waiting.isEmpty {
            guard let bytes = try await raw.someBytes() else { return nil }
            try decode(bytes)
        }
        return waiting.removeFirst()
    }

    /// The next text message; nil when another event comes.
    package func text() async throws -> String? {
        guard case .text(let bytes) = try await next() else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func decode(_ bytes: [UInt8]) throws(WebSocketError) {
        var offset = 0
        while let event = try decoder.next(bytes.span, &offset) { waiting.append(event) }
    }
}
