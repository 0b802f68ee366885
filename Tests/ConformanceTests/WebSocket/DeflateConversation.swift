import Compression
import HarborFleetTesting

/// Compressed messages to `/test/echo` and back (RFC 7692), by the bare compressor and no code of the server.
struct DeflateConversation {
    /// The handshake's `Sec-WebSocket-Extensions`; nil when the server declined.
    let agreement: String?
    private let client: RawClient

    init(offer: String, _ server: ConformanceServer) async throws {
        client = try server.connect()
        let fields = ["Sec-WebSocket-Extensions: \(offer)"]
        try await client.send(TestWebSocketClient.request(path: "/test/echo", fields: fields))
        let response = try await client.response(hasBody: false)
        guard response.status == 101 else { throw EchoCase.NotUpgraded(status: response.status) }
        agreement = response["sec-websocket-extensions"]
    }

    /// Sends frames as they are, and returns the frames that arrive until the end.
    func exchange(_ frames: [UInt8]) async throws -> [(first: UInt8, payload: [UInt8])] {
        try await client.send(frames)
        return ReceivedFrame.raw(in: try await client.untilEnd())
    }

    /// The code of a close frame that is the only frame; nil otherwise.
    static func onlyClose(_ frames: [(first: UInt8, payload: [UInt8])]) -> UInt16? {
        guard frames.count == 1, frames[0].first == 0x88, frames[0].payload.count >= 2 else { return nil }
        return UInt16(frames[0].payload[0]) << 8 | UInt16(frames[0].payload[1])
    }

    /// Sends messages compressed with the agreed parameters, in fragments of at most `fragment` bytes. Returns the
    /// messages that come back, inflated with the agreed parameters, and the code of the close.
    func echo(_ messages: [[UInt8]], fragment: Int = .max) async throws -> (
        messages: [[UInt8]], code: UInt16?
    ) {
        let sent = try frames(of: messages, fragment: fragment)
        let received = try await exchange(sent + SentFrame.close(1_000))
        return try restored(received)
    }

    /// The messages compressed, as frames.
    func frames(of messages: [[UInt8]], fragment: Int = .max) throws -> [UInt8] {
        var deflater = try Deflater(format: .raw, level: 6, windowBits: bits("client_max_window_bits"))
        var frames: [UInt8] = []
        for message in messages {
            var packed: [UInt8] = []
            try deflater.compress(message.span, flush: .sync, into: &packed)
            if has("client_no_context_takeover") { try deflater.reset() }
            // RFC 7692 section 7.2.1: the empty block at the end is left out.
            frames += Self.fragments(Array(packed.dropLast(4)), fragment)
        }
        return frames
    }

    private static func fragments(_ payload: [UInt8], _ size: Int) -> [UInt8] {
        guard payload.count > size else { return SentFrame.frame(0xC2, payload) }
        return stride(from: 0, to: payload.count, by: size).flatMap { start in
            let end = min(start + size, payload.count)
            let first: UInt8 = (start == 0 ? 0x42 : 0x00) | (end == payload.count ? 0x80 : 0x00)
            return SentFrame.frame(first, Array(payload[start..<end]))
        }
    }

    private func restored(
        _ frames: [(first: UInt8, payload: [UInt8])]
    ) throws -> (messages: [[UInt8]], code: UInt16?) {
        var inflater = try Inflater(format: .raw, windowBits: bits("server_max_window_bits"))
        var messages: [[UInt8]] = []
        for (first, payload) in frames {
            switch first {
            case 0xC1, 0xC2:
                var message: [UInt8] = []
                let packed = payload + [0x00, 0x00, 0xFF, 0xFF]
                _ = try inflater.inflate(packed.span, limit: 32 << 20, into: &message)
                if has("server_no_context_takeover") { try inflater.reset() }
                messages.append(message)
            case 0x81, 0x82: messages.append(payload)
            case 0x88 where payload.count >= 2:
                return (messages, UInt16(payload[0]) << 8 | UInt16(payload[1]))
            default: return (messages, nil)
            }
        }
        return (messages, nil)
    }

    private func has(_ parameter: String) -> Bool { agreement?.contains(parameter) ?? false }

    private func bits(_ parameter: String) -> Int {
        let parameters = agreement?.split(separator: ";")
        let value = parameters?.first { $0.contains(parameter) }?.split(separator: "=").last
        return value.flatMap { Int($0) } ?? 15
    }
}
