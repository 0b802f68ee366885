/// Joins the fragments of one message (RFC 6455 section 5.4), decompresses them (RFC 7692 section 7.2.2), and checks
/// text as it arrives (RFC 6455 section 8.1).
struct MessageAssembler {
    private let limit: Int
    private let parameters: DeflateParameters?
    /// Made for the first compressed message. It is kept for the next message only if the peer keeps its history.
    private var inflater: MessageInflater?
    private var opcode: Opcode?
    private var isCompressed = false
    private var bytes: [UInt8] = []
    private var validator = UTF8Validator()

    /// Makes an assembler of messages with at most `limit` bytes.
    /// - Parameter parameters: the peer's compression parameters; nil when it may not compress.
    init(limit: Int, inflating parameters: DeflateParameters?) {
        self.limit = max(0, limit)
        self.parameters = parameters
    }

    /// The memory of an incomplete message, in bytes.
    var heldBytes: Int { bytes.capacity }

    /// Whether a message may be compressed.
    var takesCompressed: Bool { parameters != nil }

    /// A data frame begins. It must continue the open message, or open one if there is none.
    mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        switch (header.opcode, opcode) {
        case (.continuation, nil):
            throw WebSocketError(.protocolError, "A continuation came without a message to continue.")
        case (.continuation, .some): break
        case (_, nil): try open(header)
        case (_, .some): throw WebSocketError(.protocolError, "A message began before the last one ended.")
        }
        // The length of a compressed message is known only after decompression, which checks the limit.
        guard isCompressed || header.length <= limit &- bytes.count else {
            throw WebSocketError(.messageTooBig, "The message is too long.")
        }
    }

    private mutating func open(_ header: FrameHeader) throws(WebSocketError) {
        opcode = header.opcode
        isCompressed = header.isCompressed
        guard isCompressed, inflater == nil, let parameters else { return }
        inflater = try MessageInflater(parameters)
    }

    /// Appends a part of the frame's payload, as it was received.
    mutating func append(_ part: Span<UInt8>, mask: UInt32, phase: Int) throws(WebSocketError) {
        guard isCompressed else {
            let start = bytes.count
            bytes.append(copying: part)
            Masking.apply(mask, phase: phase, to: &bytes, from: start)
            return try checkText(from: start)
        }
        var compressed = Array(copying: part)
        Masking.apply(mask, phase: phase, to: &compressed, from: 0)
        try inflate(compressed.span, isLast: false)
    }

    /// Decompresses a part of the payload. If that fails, the text before the error is checked first, so that the same
    /// bytes fail with the same error however they are split.
    private mutating func inflate(_ part: Span<UInt8>, isLast: Bool) throws(WebSocketError) {
        guard let inflater else { return }
        let start = bytes.count
        do throws(WebSocketError) {
            try inflater.append(part, limit: limit &- start, into: &bytes)
            if isLast { try inflater.finish(limit: limit &- bytes.count, into: &bytes) }
        } catch {
            try checkText(from: start)
            throw error
        }
        try checkText(from: start)
    }

    private mutating func checkText(from start: Int) throws(WebSocketError) {
        guard opcode == .text else { return }
        var checked = validator
        guard checked.take(bytes.span, from: start) else { throw Self.notText }
        validator = checked
    }

    /// The frame has ended.
    /// - Returns: the message, if the frame was its last one.
    mutating func finish(_ header: FrameHeader) throws(WebSocketError) -> WebSocketEvent? {
        guard header.isFinal else { return nil }
        if isCompressed { try inflate([UInt8]().span, isLast: true) }
        guard opcode != .text || validator.isComplete else { throw Self.notText }
        let isText = opcode == .text
        let whole = bytes
        bytes = []
        opcode = nil
        isCompressed = false
        validator = UTF8Validator()
        if let parameters, !parameters.keepsHistory { inflater = nil }
        return isText ? .text(whole) : .binary(whole)
    }

    private static var notText: WebSocketError {
        WebSocketError(.invalidPayload, "The text is not valid UTF-8.")
    }
}
