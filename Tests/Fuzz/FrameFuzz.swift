internal import WebSockets

/// The frame decoder finds the same in the same bytes however they are cut, in both roles; its messages keep
/// their limits and are text where they say so; and what it found, encoded anew, it finds again.
enum FrameFuzz {
    private static let maxFrameBytes = 300
    private static let maxMessageBytes = 400

    static func check(_ bytes: [UInt8]) {
        check(bytes, .server)
        check(bytes, .client)
    }

    private static func check(_ bytes: [UInt8], _ role: WebSocketRole) {
        let whole = read([bytes], role)
        require(read(Pieces.single(bytes), role) == whole, "bytes")
        require(read(Pieces(bytes).all, role) == whole, "pieces")
        whole.events.forEach(checkLimits)
        checkRoundTrip(whole.events, role)
    }

    private static func read(_ pieces: [[UInt8]], _ role: WebSocketRole) -> FrameTranscript {
        FrameTranscript(
            pieces: pieces, role: role, maxFrameBytes: maxFrameBytes, maxMessageBytes: maxMessageBytes)
    }

    private static func checkLimits(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes):
            require(bytes.count <= maxMessageBytes, "text limit")
            require(String(validating: bytes, as: UTF8.self) != nil, "text is UTF-8")
        case .binary(let bytes): require(bytes.count <= maxMessageBytes, "binary limit")
        case .ping(let bytes), .pong(let bytes): require(bytes.count <= 125, "control limit")
        case .close(_, let reason):
            require(reason.count <= 123, "reason limit")
            require(String(validating: reason, as: UTF8.self) != nil, "reason is UTF-8")
        }
    }

    private static func checkRoundTrip(_ events: [WebSocketEvent], _ role: WebSocketRole) {
        var bytes: [UInt8] = []
        let mask: UInt32? = role == .server ? 0x1234_5678 : nil
        for event in events { append(event, mask, to: &bytes) }
        let again = read(Pieces(bytes).all, role)
        require(again.error == nil && again.events == events, "round trip")
    }

    private static func append(_ event: WebSocketEvent, _ mask: UInt32?, to bytes: inout [UInt8]) {
        switch event {
        case .text(let payload): appendFragments(.text, payload, mask, to: &bytes)
        case .binary(let payload): appendFragments(.binary, payload, mask, to: &bytes)
        case .ping(let payload): FrameEncoder.append(.ping, payload: payload, mask: mask, into: &bytes)
        case .pong(let payload): FrameEncoder.append(.pong, payload: payload, mask: mask, into: &bytes)
        case .close(let code, let reason):
            let text = String(decoding: reason, as: UTF8.self)
            let payload = code.map { FrameEncoder.closePayload($0, reason: text) } ?? []
            FrameEncoder.append(.close, payload: payload, mask: mask, into: &bytes)
        }
    }

    /// In two frames, so that messages beyond one frame's limit can be written too.
    private static func appendFragments(
        _ opcode: Opcode, _ payload: [UInt8], _ mask: UInt32?, to bytes: inout [UInt8]
    ) {
        let middle = payload.count / 2
        FrameEncoder.append(
            opcode, payload: Array(payload[..<middle]), isFinal: false, mask: mask, into: &bytes)
        FrameEncoder.append(.continuation, payload: Array(payload[middle...]), mask: mask, into: &bytes)
    }
}
