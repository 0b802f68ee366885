/// Encodes frames as bytes, with the shortest form of the length (RFC 6455 section 5.2).
///
/// ```swift
/// FrameEncoder.append(.text, payload: Array("hello".utf8), into: &outbox)
/// ```
package enum FrameEncoder {
    /// Appends one frame.
    /// - Parameters:
    ///   - opcode: the kind of frame. The payload of a control frame must have at most 125 bytes.
    ///   - isFinal: false for all fragments of a message except the last.
    ///   - isCompressed: whether the payload is the output of `MessageDeflater`, or its first fragment (RFC 7692
    ///     section 6.1); must be false for continuations.
    ///   - mask: a client's masking key, sent most significant byte first; nil for a server.
    package static func append(
        _ opcode: Opcode, payload: Span<UInt8>, isFinal: Bool = true, isCompressed: Bool = false,
        mask: UInt32? = nil, into output: inout [UInt8]
    ) {
        let first = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue
        appendHeader(first, length: payload.count, mask: mask, into: &output)
        let start = output.count
        output.append(copying: payload)
        if let mask { Masking.apply(mask, phase: 0, to: &output, from: start) }
    }

    /// Appends one frame; see the other overload.
    package static func append(
        _ opcode: Opcode, payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false,
        mask: UInt32? = nil, into output: inout [UInt8]
    ) {
        append(
            opcode, payload: payload.span, isFinal: isFinal, isCompressed: isCompressed, mask: mask,
            into: &output)
    }

    /// The payload of a close frame. The reason is cut at the end of a character, so that the payload fits 125 bytes.
    package static func closePayload(_ code: CloseCode, reason: String = "") -> [UInt8] {
        ClosePayload.bytes(code, reason: reason)
    }

    private static func appendHeader(
        _ first: UInt8, length: Int, mask: UInt32?, into output: inout [UInt8]
    ) {
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        output.append(first)
        switch length {
        case ...125: output.append(maskBit | UInt8(truncatingIfNeeded: length))
        case ...65535:
            output.append(maskBit | 126)
            appendNumber(UInt64(length), bytes: 2, into: &output)
        default:
            output.append(maskBit | 127)
            appendNumber(UInt64(length), bytes: 8, into: &output)
        }
        if let mask { appendNumber(UInt64(mask), bytes: 4, into: &output) }
    }

    private static func appendNumber(_ number: UInt64, bytes: Int, into output: inout [UInt8]) {
        for index in (0..<bytes).reversed() {
            output.append(UInt8(truncatingIfNeeded: number >> UInt64(index &* 8)))
        }
    }
}
