package import WebSockets

/// Everything that a `FrameDecoder` finds in some bytes, as values that can be compared.
///
/// The transcript must be the same however the bytes are split.
package struct FrameTranscript: Sendable, Equatable {
    /// The events in order.
    package private(set) var events: [WebSocketEvent] = []
    /// The error that ended the decoding, if any.
    package private(set) var error: WebSocketError?

    /// Decodes `bytes` in pieces of `pieceBytes` (at least 1), each passed by itself.
    package init(
        _ bytes: [UInt8], role: WebSocketRole = .server, pieceBytes: Int = Int.max,
        maxFrameBytes: Int = 65536, maxMessageBytes: Int = 65536,
        inflating parameters: DeflateParameters? = nil
    ) {
        let step = min(max(1, pieceBytes), max(1, bytes.count))
        let starts = stride(from: 0, to: bytes.count, by: step)
        self.init(
            pieces: starts.map { Array(bytes[$0..<min($0 &+ step, bytes.count)]) }, role: role,
            maxFrameBytes: maxFrameBytes, maxMessageBytes: maxMessageBytes, inflating: parameters)
    }

    /// Decodes pieces, each passed by itself.
    package init(
        pieces: [[UInt8]], role: WebSocketRole = .server, maxFrameBytes: Int = 65536,
        maxMessageBytes: Int = 65536, inflating parameters: DeflateParameters? = nil
    ) {
        var decoder = FrameDecoder(
            role: role, maxFrameBytes: maxFrameBytes, maxMessageBytes: maxMessageBytes, inflating: parameters)
        do throws(WebSocketError) {
            for piece in pieces { try take(piece, &decoder) }
        } catch {
            self.error = error
        }
    }

    private mutating func take(_ piece: [UInt8], _ decoder: inout FrameDecoder) throws(WebSocketError) {
        var offset = 0
        while let event = try decoder.next(piece.span, &offset) { events.append(event) }
    }
}
