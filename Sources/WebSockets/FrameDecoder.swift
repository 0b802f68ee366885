/// Which end of the connection we are; it decides who masks (RFC 6455 section 5.1).
package enum WebSocketRole: Sendable, Equatable {
    /// We are the server: frames that arrive must be masked, ours must not be.
    case server
    /// We are the client: frames that arrive must not be masked, ours must be.
    case client
}

/// Reads frames and joins messages of one connection from its bytes (RFC 6455 section 5).
///
/// Holds at most one message, one control payload and one frame header. Where compression was agreed also an
/// inflater, from the first compressed message on: a copy shares it, so that only one of both may go on.
///
/// ```swift
/// var offset = 0
/// while let event = try decoder.next(input, &offset) { handle(event) }
/// ```
package struct FrameDecoder {
    /// Where in the stream we are.
    private enum Place {
        /// In a frame's header → `payload`.
        case header
        /// In its payload, with so many bytes to come → `header`, `closed`.
        case payload(FrameHeader, left: Int)
        /// After a close frame, for good; all input is swallowed.
        case closed
        /// For good.
        case failed(WebSocketError)
    }

    private let role: WebSocketRole
    private let maxFrameBytes: Int
    private var place = Place.header
    /// The bytes of a header that was cut; empty otherwise.
    private var partialHeader: [UInt8] = []
    private var control: [UInt8] = []
    private var message: MessageAssembler

    /// A decoder at the start of a connection, after its handshake.
    /// - Parameters:
    ///   - role: which end we are.
    ///   - maxFrameBytes: the longest payload of one frame, 65,536 by default; beyond it 1009.
    ///   - maxMessageBytes: the longest message after its fragments are joined and inflated, likewise.
    ///   - inflating: what the peer compresses with, where permessage-deflate was agreed (RFC 7692).
    package init(
        role: WebSocketRole, maxFrameBytes: Int = 65536, maxMessageBytes: Int = 65536,
        inflating parameters: DeflateParameters? = nil
    ) {
        self.role = role
        self.maxFrameBytes = maxFrameBytes
        message = MessageAssembler(limit: maxMessageBytes, inflating: parameters)
    }

    /// The memory that a message takes which is not whole, in bytes.
    package var messageBytes: Int { message.heldBytes }

    /// Lets go of it; all further input is swallowed.
    package mutating func abandon() {
        place = .closed
        discardMessage()
    }

    /// The next event, or nil when all of `input` is used up and more is needed.
    /// - Parameters:
    ///   - input: bytes as they came.
    ///   - offset: where in `input` to go on; moved behind what was used.
    /// - Throws: what to close with. The decoder then stays failed and throws the same again; after a close
    ///   frame it swallows all input.
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

    /// True when the payload is whole.
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

    /// Nothing follows that would need its memory.
    private mutating func discardMessage() {
        message = MessageAssembler(limit: 0, inflating: nil)
    }
}
