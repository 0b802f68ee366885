/// A frame that a server sent (RFC 6455 section 5.2), read without any code of the server.
enum ReceivedFrame: Equatable, Sendable, CustomStringConvertible {
    case text([UInt8])
    case binary([UInt8])
    case pong([UInt8])
    /// With its code; nil when it has none. The reason is left out.
    case close(UInt16?)
    /// An incomplete frame, a masked one, or one that a server has no reason to send.
    case wrong(String)

    static func text(_ text: String) -> ReceivedFrame { .text(Array(text.utf8)) }

    var description: String {
        switch self {
        case .text(let bytes): "text of \(bytes.count): \(String(decoding: bytes.prefix(20), as: UTF8.self))"
        case .binary(let bytes): "binary of \(bytes.count)"
        case .pong(let bytes): "pong of \(bytes.count)"
        case .close(let code): "close \(code.map { "\($0)" } ?? "without a code")"
        case .wrong(let what): "wrong: \(what)"
        }
    }

    /// All frames of a stream that has ended, without the server's empty pings.
    static func all(in bytes: [UInt8]) -> [ReceivedFrame] {
        raw(in: bytes).compactMap { first, payload in first == 0x89 ? nil : frame(first, payload) }
    }

    /// First byte and payload of each frame. A first byte of 0 stands for an incomplete frame.
    static func raw(in bytes: [UInt8]) -> [(first: UInt8, payload: [UInt8])] {
        var frames: [(first: UInt8, payload: [UInt8])] = []
        var rest = bytes[...]
        while let first = rest.first {
            guard let payload = takePayload(&rest) else { return frames + [(0, [])] }
            frames.append((first, payload))
        }
        return frames
    }

    private static func frame(_ first: UInt8, _ payload: [UInt8]) -> ReceivedFrame {
        switch first {
        case 0x81: .text(payload)
        case 0x82: .binary(payload)
        case 0x8A: .pong(payload)
        case 0x88 where payload.isEmpty: .close(nil)
        case 0x88 where payload.count >= 2: .close(UInt16(payload[0]) << 8 | UInt16(payload[1]))
        default: .wrong("a cut frame, or first byte \(first)")
        }
    }

    /// Removes the next frame and returns its payload; nil when the frame is cut or masked, or its header is longer
    /// than necessary.
    private static func takePayload(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let second = rest.dropFirst().first, second < 128 else { return nil }
        let width = second == 127 ? 8 : second == 126 ? 2 : 0
        guard rest.count >= 2 + width else { return nil }
        let extended = rest.dropFirst(2).prefix(width).reduce(0) { $0 << 8 | Int($1) }
        let length = width == 0 ? Int(second) : extended
        guard width == 0 || length > (width == 2 ? 125 : 65_535), rest.count >= 2 + width + length else {
            return nil
        }
        defer { rest = rest.dropFirst(2 + width + length) }
        return Array(rest.dropFirst(2 + width).prefix(length))
    }
}
