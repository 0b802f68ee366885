/// Joins the fragments of one message (RFC 6455 section 5.4), restores what is compressed (RFC 7692 section 7.2.2),
/// and checks text as it arrives (RFC 6455 section 8.1).
struct MessageAssembler {
    private let limit: Int
    private let parameters: DeflateParameters?
    /// Made for the first compressed message; kept from one to the next only where the peer keeps its history.
    private var inflater: MessageInflater?
    private var opcode: Opcode?
    private var isCompressed = false
    private var bytes: [UInt8] = []
    private var validator = UTF8Validator()

    /// An assembler of messages with at most `limit` bytes.
    /// - Parameter parameters: what the peer compresses with; nil when it may not.
    init(limit: Int, inflating parameters: DeflateParameters?) {
        self.limit = max(0, limit)
        self.parameters = parameters
    }

    /// The memory that a message takes which is not whole, in bytes.
    var heldBytes: Int { bytes.capacity }

    /// Whether a message may be compressed.
    var takesCompressed: Bool { parameters != nil }

    /// A data frame begins: it must continue the message that is open, or open one.
    mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        switch (header.opcode, opcode) {
        case (.continuation, nil):
            throw WebSocketError(.protocolError, "A continuation came without a message to continue.")
        case (.continuation, .some): break
        case (_, nil): try open(header)
        case (_, .some): throw WebSocketError(.protocolError, "A message began before the last one ended.")
        }
        // How long a compressed one is shows only when it is restored.
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

    /// Part of the frame's payload, as sent.
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

    /// What was restored before an error is checked first, so that the same bytes fail in the same way however
    /// they are cut.
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

    /// The frame ended; the message, when it was the last one.
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
