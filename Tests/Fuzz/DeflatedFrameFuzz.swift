internal import WebSockets

/// With permessage-deflate too the frame decoder finds the same in the same bytes however they are cut, keeps its
/// limits on what a message inflates to, and finds again what was compressed anew.
///
/// The first byte chooses the window of the way back and whether histories are kept.
enum DeflatedFrameFuzz {
    private static let maxFrameBytes = 300
    private static let maxMessageBytes = 2_048

    static func check(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        // The longest window, see `DeflateFuzz`.
        let parameters = DeflateParameters(keepsHistory: choice & 1 == 0)
        let whole = read([rest], parameters)
        require(read(Pieces.single(rest), parameters) == whole, "bytes")
        require(read(Pieces(rest).all, parameters) == whole, "pieces")
        whole.events.forEach(checkLimits)
        let back = DeflateParameters(windowBits: 9 + Int(choice >> 1) % 7, keepsHistory: choice & 1 == 0)
        checkRoundTrip(whole.events, back)
    }

    /// As a client, so that no mask hides the bytes from the fuzzer.
    private static func read(_ pieces: [[UInt8]], _ parameters: DeflateParameters) -> FrameTranscript {
        FrameTranscript(
            pieces: pieces, role: .client, maxFrameBytes: maxFrameBytes, maxMessageBytes: maxMessageBytes,
            inflating: parameters)
    }

    private static func checkLimits(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes):
            require(bytes.count <= maxMessageBytes, "text limit")
            require(String(validating: bytes, as: UTF8.self) != nil, "text is UTF-8")
        case .binary(let bytes): require(bytes.count <= maxMessageBytes, "binary limit")
        case .ping, .pong, .close: break
        }
    }

    private static func checkRoundTrip(_ events: [WebSocketEvent], _ parameters: DeflateParameters) {
        let messages = events.filter(isMessage)
        var settings = WebSocketCompression()
        settings.memoryLevel = 1
        let deflater = MessageDeflater(parameters, settings: settings)
        var bytes: [UInt8] = []
        for message in messages { append(message, deflater, to: &bytes) }
        let again = FrameTranscript(
            pieces: Pieces(bytes).all, role: .client, maxMessageBytes: maxMessageBytes, inflating: parameters)
        require(again.error == nil && again.events == messages, "round trip")
    }

    private static func isMessage(_ event: WebSocketEvent) -> Bool {
        switch event {
        case .text, .binary: true
        case .ping, .pong, .close: false
        }
    }

    private static func append(
        _ event: WebSocketEvent, _ deflater: MessageDeflater, to bytes: inout [UInt8]
    ) {
        switch event {
        case .text(let payload): append(.text, payload, deflater, to: &bytes)
        case .binary(let payload): append(.binary, payload, deflater, to: &bytes)
        case .ping, .pong, .close: break
        }
    }

    private static func append(
        _ opcode: Opcode, _ payload: [UInt8], _ deflater: MessageDeflater, to bytes: inout [UInt8]
    ) {
        let compressed = deflater.compress(payload.span)
        FrameEncoder.append(
            opcode, payload: compressed ?? payload, isCompressed: compressed != nil, into: &bytes)
    }
}
