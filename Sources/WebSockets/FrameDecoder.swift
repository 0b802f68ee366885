/// Which end of the connection we are. It decides which side masks its frames (RFC 6455 section 5.1).
package enum WebSocketRole: Sendable, Equatable {
    /// We are the server: received frames must be masked, ours must not be.
    case server
    /// We are the client: received frames must not be masked, ours must be.
    case client
}

/// Parses the frames of one connection and joins them into messages (RFC 6455 section 5).
///
/// It holds at most one message, one control payload and one frame header. If compression was agreed, it also holds an
/// inflater from the first compressed message on. Copies share the inflater, so only one copy may be used further.
///
/// ```swift
/// var offset = 0
/// while let event = try decoder.next(input, &offset) { handle(event) }
/// ```
package struct FrameDecoder {
    /// The position in the stream, with the places that may follow. An error leads from any place to `failed`.
    private enum Place {
        /// In a frame's header → `payload`.
        case header
        /// In a frame's payload, with `left` bytes to come → `header`, `closed`.
        case payload(FrameHeader, left: Int)
        /// After a close frame, or after `abandon`. All further input is ignored. No place follows.
        case closed
        /// After an error. No place follows.
        case failed(WebSocketError)
    }

    private let role: WebSocketRole
    private let maxFrameBytes: Int
    private var place = Place.header
    /// The bytes of an incomplete header; empty otherwise.
    private var partialHeader: [UInt8] = []
    private var control: [UInt8] = []
    private var message: MessageAssembler

    /// Makes a decoder for a connection whose handshake has just ended.
    /// - Parameters:
    ///   - role: which end we are.
    ///   - maxFrameBytes: the longest payload of one frame, 65,536 by default; beyond it 1009.
    ///   - maxMessageBytes: the longest message after its fragments are joined and inflated, 65,536 by default; beyond
    ///     it 1009.
    ///   - inflating: the peer's parameters, if permessage-deflate was agreed (RFC 7692).
    package init(
        role: WebSocketRole, maxFrameBytes: Int = 65536, maxMessageBytes: Int = 65536,
        inflating parameters: DeflateParameters? = nil
    ) {
        self.role = role
        self.maxFrameBytes = maxFrameBytes
        message = MessageAssembler(limit: maxMessageBytes, inflating: parameters)
    }

    /// The memory of an incomplete message, in bytes.
    package var messageBytes: Int { message.heldBytes }

    /// Frees the incomplete message. All further input is ignored.
    package mutating func abandon() {
        place = .closed
        discardMessage()
    }

    /// The next event; nil when all of `input` is consumed and more is needed. After a close frame all
    /// input is ignored.
    /// - Parameters:
    ///   - input: the bytes as they arrived.
    ///   - offset: where in `input` to continue. It is moved past the consumed bytes.
    /// - Throws: the error to close with. Every later call throws the same error.
    package mutating func next(
        _ input: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) -> WebSocketEvent? {
        guard offset >= 0, offset <= input.count else { return nil }
        do throws(WebSocketError) {
            return try advance(input, &offset)
        } catch {
            place = .failed(error)
            discardMessage()
            throw error
        }
    }

    private mutating func advance(
        _ input: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) -> WebSocketEvent? {
        while true {
            switch place {
            case .failed(let error): throw error
            case .closed:
                offset = input.count
                return nil
            case .header:
                guard let header = try readHeader(input, &offset) else { return nil }
                try begin(header)
                place = .payload(header, left: header.length)
            case .payload(let header, let left):
                guard try readPayload(header, left, input, &offset) else { return nil }
                place = .header
                if let event = try finish(header) { return event }
            }
        }
    }

    private mutating func readHeader(
        _ input: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) -> FrameHeader? {
        var size = 0
        let known = partialHeader.count
        guard known > 0 else {
            let header = try header(input.extracting(offset..<input.count), &size)
            if header == nil { partialHeader.append(copying: input.extracting(offset..<input.count)) }
            offset = header == nil ? input.count : offset &+ size
            return header
        }
        let taken = min(input.count &- offset, FrameHeader.maximumBytes &- known)
        partialHeader.append(copying: input.extracting(offset..<(offset &+ taken)))
        let header = try header(partialHeader.span, &size)
        offset &+= header == nil ? taken : size &- known
        if header != nil { partialHeader = [] }
        return header
    }

    private func header(_ bytes: Span<UInt8>, _ size: inout Int) throws(WebSocketError) -> FrameHeader? {
        try FrameHeader(bytes, role: role, compression: message.takesCompressed, size: &size)
    }

    private mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        guard header.length <= maxFrameBytes else {
            throw WebSocketError(.messageTooBig, "The frame is too long.")
        }
        if !header.opcode.isControl { try message.begin(header) }
    }

    /// Reads a part of the payload.
    /// - Returns: true when the payload is complete.
    private mutating func readPayload(
        _ header: FrameHeader, _ left: Int, _ input: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) -> Bool {
        let taken = min(left, input.count &- offset)
        let bytes = input.extracting(offset..<(offset &+ taken))
        offset &+= taken
        let phase = header.length &- left
        if header.opcode.isControl {
            let start = control.count
            control.append(copying: bytes)
            Masking.apply(header.mask, phase: phase, to: &control, from: start)
        } else {
            try message.append(bytes, mask: header.mask, phase: phase)
        }
        place = .payload(header, left: left &- taken)
        return taken == left
    }

    private mutating func finish(_ header: FrameHeader) throws(WebSocketError) -> WebSocketEvent? {
        guard header.opcode.isControl else { return try message.finish(header) }
        let payload = control
        control = []
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            let event = try ClosePayload.event(payload)
            place = .closed
            discardMessage()
            return event
        case .continuation, .text, .binary: return nil
        }
    }

    /// Frees the message's memory and its inflater, because no further message is read.
    private mutating func discardMessage() {
        message = MessageAssembler(limit: 0, inflating: nil)
    }
}
