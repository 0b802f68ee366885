/// The parsed header of one frame (RFC 6455 section 5.2). It is valid by itself; its place in a message is not checked.
struct FrameHeader: Sendable {
    let opcode: Opcode
    let isFinal: Bool
    /// RSV1: the message that begins here is compressed (RFC 7692 section 6).
    let isCompressed: Bool
    let length: Int
    /// The masking key, with its first byte as the most significant; 0 when the frame is not masked.
    let mask: UInt32

    /// The longest header in bytes: two, eight of length, four of the masking key.
    static let maximumBytes = 14

    /// Parses a header; nil when more bytes are needed. Sets `size` to the header's length in bytes.
    /// - Parameter compression: whether permessage-deflate was agreed.
    init?(
        _ bytes: Span<UInt8>, role: WebSocketRole, compression: Bool, size: inout Int
    ) throws(WebSocketError) {
        guard bytes.count >= 2 else { return nil }
        opcode = try Self.opcode(bytes[0])
        isFinal = bytes[0] & 0x80 != 0
        isCompressed = bytes[0] & 0x40 != 0
        try Self.checkCompressed(isCompressed, opcode, compression)
        try Self.checkMask(bytes[1] & 0x80 != 0, role)
        try Self.checkControl(opcode, isFinal, bytes[1] & 0x7F)
        let lengthBytes = Self.lengthBytes(bytes[1] & 0x7F)
        let maskBytes = role == .server ? 4 : 0
        size = 2 &+ lengthBytes &+ maskBytes
        guard bytes.count >= 2 &+ lengthBytes else { return nil }
        length = try Self.length(bytes, lengthBytes)
        guard bytes.count >= size else { return nil }
        mask = UInt32(truncatingIfNeeded: Self.number(bytes, (2 &+ lengthBytes)..<size))
    }

    private static func opcode(_ byte: UInt8) throws(WebSocketError) -> Opcode {
        guard byte & 0x30 == 0 else {
            throw WebSocketError(.protocolError, "A reserved bit is set and no extension was agreed.")
        }
        guard let opcode = Opcode(rawValue: byte & 0x0F) else {
            throw WebSocketError(.protocolError, "The opcode is reserved.")
        }
        return opcode
    }

    /// RSV1 may be set on a message's first frame only (RFC 7692 section 6.1).
    private static func checkCompressed(
        _ isCompressed: Bool, _ opcode: Opcode, _ compression: Bool
    ) throws(WebSocketError) {
        guard isCompressed else { return }
        guard compression else {
            throw WebSocketError(.protocolError, "A reserved bit is set and no extension was agreed.")
        }
        guard opcode == .text || opcode == .binary else {
            throw WebSocketError(.protocolError, "Only a message's first frame may be marked as compressed.")
        }
    }

    private static func checkMask(_ isMasked: Bool, _ role: WebSocketRole) throws(WebSocketError) {
        guard isMasked == (role == .server) else {
            throw WebSocketError(
                .protocolError,
                isMasked ? "A server's frame must not be masked." : "A client's frame must be masked.")
        }
    }

    private static func checkControl(
        _ opcode: Opcode, _ isFinal: Bool, _ shortLength: UInt8
    ) throws(WebSocketError) {
        guard opcode.isControl else { return }
        guard isFinal else { throw WebSocketError(.protocolError, "A control frame must not be fragmented.") }
        guard shortLength <= 125 else {
            throw WebSocketError(.protocolError, "A control frame must have at most 125 bytes.")
        }
        guard opcode != .close || shortLength != 1 else {
            throw WebSocketError(.protocolError, "A close frame has only half of a close code.")
        }
    }

    private static func lengthBytes(_ short: UInt8) -> Int {
        switch short {
        case 126: 2
        case 127: 8
        default: 0
        }
    }

    private static func length(_ bytes: Span<UInt8>, _ count: Int) throws(WebSocketError) -> Int {
        guard count > 0 else { return Int(bytes[1] & 0x7F) }
        let number = number(bytes, 2..<(2 &+ count))
        guard let length = Int(exactly: number) else {
            throw WebSocketError(.protocolError, "The length's most significant bit is set.")
        }
        guard length > (count == 2 ? 125 : 65535) else {
            throw WebSocketError(.protocolError, "The length is not in its shortest form.")
        }
        return length
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var result: UInt64 = 0
        for index in range { result = result << 8 | UInt64(bytes[index]) }
        return result
    }
}
