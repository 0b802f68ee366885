/// Writes frames as bytes, with the shortest form of the length (RFC 6455 section 5.2).
package enum FrameEncoder {
    /// Appends one frame. `mask` is the client's masking key, sent most significant byte first; nil for a server.
    package static func append(
        _ opcode: Opcode, payload: Span<UInt8>, isFinal: Bool = true, mask: UInt32? = nil,
        into output: inout [UInt8]
    ) {}
    /// The same from an array.
    package static func append(
        _ opcode: Opcode, payload: [UInt8], isFinal: Bool = true, mask: UInt32? = nil,
        into output: inout [UInt8]
    ) {}
    /// The payload of a close frame; the reason is cut to fit 125 bytes, at a character's end.
    package static func closePayload(_ code: CloseCode, reason: String = "") -> [UInt8] { [] }
}
