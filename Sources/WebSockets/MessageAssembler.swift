/// Joins the fragments of one message (RFC 6455 section 5.4), checking text as it arrives (section 8.1).
struct MessageAssembler: Sendable {
    private let limit: Int
    private var opcode: Opcode?
    private var bytes: [UInt8] = []
    private var validator = UTF8Validator()

    /// An assembler of messages with at most `limit` bytes.
    init(limit: Int) { self.limit = max(0, limit) }

    /// A data frame begins: it must continue the message that is open, or open one.
    mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        switch (header.opcode, opcode) {
        case (.continuation, nil):
            throw WebSocketError(.protocolError, "A continuation came without a message to continue.")
        case (.continuation, .some): break
        case (_, nil): opcode = header.opcode
        case (_, .some): throw WebSocketError(.protocolError, "A message began before the last one ended.")
        }
        guard header.length <= limit &- bytes.count else {
            throw WebSocketError(.messageTooBig, "The message is too long.")
        }
    }

    /// Part of the frame's payload, as sent.
    mutating func append(_ part: Span<UInt8>, mask: UInt32, phase: Int) throws(WebSocketError) {
        let start = bytes.count
        bytes.append(copying: part)
        Masking.apply(mask, phase: phase, to: &bytes, from: start)
        guard opcode == .text else { return }
        var checked = validator
        guard checked.take(bytes.span, from: start) else { throw Self.notText }
        validator = checked
    }

    /// The frame ended; the message, when it was the last one.
    mutating func finish(_ header: FrameHeader) throws(WebSocketError) -> WebSocketEvent? {
        guard header.isFinal else { return nil }
        guard opcode != .text || validator.isComplete else { throw Self.notText }
        let isText = opcode == .text
        let whole = bytes
        bytes = []
        opcode = nil
        validator = UTF8Validator()
        return isText ? .text(whole) : .binary(whole)
    }

    private static var notText: WebSocketError {
        WebSocketError(.invalidPayload, "The text is not valid UTF-8.")
    }
}
