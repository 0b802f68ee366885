import HarborFleetTesting
import Testing

@testable import WebSockets

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Decodes the bytes whole and in pieces of many lengths, and expects the same result each time.
func transcript(
    _ input: [UInt8], role: WebSocketRole = .server, maxFrameBytes: Int = 65536, maxMessageBytes: Int = 65536,
    inflating parameters: DeflateParameters? = nil, location: SourceLocation = #_sourceLocation
) -> FrameTranscript {
    func decode(_ piece: Int) -> FrameTranscript {
        FrameTranscript(
            input, role: role, pieceBytes: piece, maxFrameBytes: maxFrameBytes,
            maxMessageBytes: maxMessageBytes, inflating: parameters)
    }
    let whole = decode(Int.max)
    let pieces =
        input.count > 300 ? [1, 2, 3, 7, 13, 14, 15, 64, 1000, 4096] : Array(1...max(1, input.count))
    for piece in pieces { #expect(decode(piece) == whole, "in pieces of \(piece)", sourceLocation: location) }
    return whole
}

/// Makes a frame as a client sends it.
func masked(
    _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false,
    mask: UInt32 = 0x37FA_213D
) -> [UInt8] {
    var output: [UInt8] = []
    FrameEncoder.append(
        opcode, payload: payload, isFinal: isFinal, isCompressed: isCompressed, mask: mask, into: &output)
    return output
}

/// The close code of the error in which the bytes end; nil without an error.
func closeCode(
    _ input: [UInt8], role: WebSocketRole = .server, location: SourceLocation = #_sourceLocation
) -> CloseCode? {
    transcript(input, role: role, location: location).error?.closeCode
}

extension MessageDeflater {
    /// `#expect` and `#require` accept no spans.
    func compress(_ message: [UInt8]) -> [UInt8]? { compress(message.span) }
}
