/// Parses and makes the payload of a close frame: empty, or a code and a reason (RFC 6455 section 5.5.1).
enum ClosePayload {
    /// Parses a peer's payload.
    static func event(_ payload: [UInt8]) throws(WebSocketError) -> WebSocketEvent {
        guard !payload.isEmpty else { return .close(nil, reason: []) }
        guard payload.count >= 2 else {
            throw WebSocketError(.protocolError, "A close frame has only half of a close code.")
        }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isValidOnWire else { throw WebSocketError(.protocolError, "The close code is not valid.") }
        var validator = UTF8Validator()
        guard validator.take(payload.span, from: 2), validator.isComplete else {
            throw WebSocketError(.invalidPayload, "The close reason is not valid UTF-8.")
        }
        return .close(code, reason: Array(payload.dropFirst(2)))
    }

    /// The bytes to send. The reason is cut to 123 bytes at the end of a character.
    static func bytes(_ code: CloseCode, reason: String) -> [UInt8] {
        var result = [
            UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue),
        ]
        for scalar in reason.unicodeScalars {
            let encoded = UTF8.encode(scalar).map(Array.init) ?? []
            guard result.count + encoded.count <= 125 else { break }
            result += encoded
        }
        return result
    }
}
