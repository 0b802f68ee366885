import HarborFleetTesting
import Testing

@testable import WebSockets

/// The text "Hello" as in RFC 7692 section 7.2.3.1.
private let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

private func read(
    _ input: [UInt8], keepsHistory: Bool = true, limit: Int = 65_536,
    location: SourceLocation = #_sourceLocation
) -> FrameTranscript {
    transcript(
        input, maxMessageBytes: limit, inflating: DeflateParameters(keepsHistory: keepsHistory),
        location: location)
}

private func code(_ input: [UInt8], location: SourceLocation = #_sourceLocation) -> CloseCode? {
    read(input, location: location).error?.closeCode
}

private func message(
    _ payload: [UInt8], _ opcode: Opcode = .text, isFinal: Bool = true
) -> [UInt8] {
    masked(opcode, payload, isFinal: isFinal, isCompressed: true)
}

@Suite struct CompressedMessageTests {
    /// The same text as a reference to the first, as in section 7.2.3.2.
    private static let helloAgain: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]

    private func packed(_ message: [UInt8]) throws -> [UInt8] {
        try #require(MessageDeflater(DeflateParameters()).compress(message))
    }

    /// Sections 7.2.3.1 to 7.2.3.5.
    @Test func message_isRead_inTheExamplesOfTheRFC() {
        let text = WebSocketEvent.text(bytes("Hello"))
        #expect(read(message(hello)).events == [text])
        let fragments =
            message(Array(hello.prefix(3)), isFinal: false)
            + masked(.continuation, Array(hello.dropFirst(3)))
        #expect(read(fragments).events == [text])
        #expect(read(message(hello) + message(Self.helloAgain)).events == [text, text])
        #expect(read(message(hello) + message(hello)).events == [text, text])
        let stored = bytes("\u{0}\u{5}\u{0}") + [0xFA, 0xFF] + bytes("Hello") + [0x00]
        #expect(read(message(stored)).events == [text])
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        #expect(read(message(final)).events == [text])
        let twoBlocks: [UInt8] = [
            0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
        ]
        #expect(read(message(twoBlocks)).events == [text])
    }

    /// Each ended stream costs much more work than its two bytes suggest.
    @Test func endedStreams_areBounded_inOneMessage() {
        let emptyFinalBlock: [UInt8] = [0x03, 0x00]
        let some = [[UInt8]](repeating: emptyFinalBlock, count: 64).flatMap(\.self)
        let empty = WebSocketEvent.text([])
        #expect(read(message(some) + message(some)).events == [empty, empty])
        #expect(read(message(some + emptyFinalBlock)).error?.closeCode == .invalidPayload)
    }

    @Test func stream_mayEndAnywhereInAMessage() {
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let twice = WebSocketEvent.text(bytes("HelloHello"))
        // Two streams stand in one message, with and without the zero byte at its end. Then the second goes on.
        #expect(read(message(final + final)).events == [twice])
        #expect(read(message(final + final + [0x00])).events == [twice])
        #expect(read(message(final + hello)).events == [twice])
        // The history of the connection outlives a stream.
        #expect(
            read(message(final) + message(Self.helloAgain)).events == [
                .text(bytes("Hello")), .text(bytes("Hello")),
            ])
    }

    @Test func history_isForgotten_withoutTakeover() {
        let input = message(hello) + message(Self.helloAgain)
        let transcript = read(input, keepsHistory: false)
        #expect(transcript.events == [.text(bytes("Hello"))])
        #expect(transcript.error?.closeCode == .invalidPayload)
        let fresh = message(hello) + message(hello)
        #expect(read(fresh, keepsHistory: false).events.count == 2)
    }

    @Test func messages_mayBeEmpty() {
        #expect(read(message([0x00]) + message([0x00], .binary)).events == [.text([]), .binary([])])
        #expect(read(message([0x02, 0x00])).events == [.text([])])
        // zlib writes no bytes for a second empty message.
        #expect(
            read(message(hello) + message([]) + message(Self.helloAgain)).events == [
                .text(bytes("Hello")), .text([]), .text(bytes("Hello")),
            ])
        let fragments = message([], isFinal: false) + masked(.continuation, hello)
        #expect(read(fragments + message([], .binary)).events == [.text(bytes("Hello")), .binary([])])
    }

    @Test func plainMessages_mayStandBetweenCompressedOnes() {
        let input =
            message(hello) + masked(.text, bytes("plain")) + masked(.ping, [1])
            + message(Self.helloAgain)
        #expect(
            read(input).events == [
                .text(bytes("Hello")), .text(bytes("plain")), .ping([1]), .text(bytes("Hello")),
            ])
    }

    @Test func controlFrames_mayStandBetweenFragments() {
        let input =
            message(Array(hello.prefix(2)), isFinal: false) + masked(.ping, bytes("p"))
            + masked(.continuation, Array(hello.dropFirst(2)), isFinal: false)
            + masked(.continuation, [])
        #expect(read(input).events == [.ping(bytes("p")), .text(bytes("Hello"))])
    }

    @Test func text_isChecked_asItIsRestored() throws {
        let valid = bytes("κόσμε – 🚢")
        #expect(read(message(try packed(valid))).events == [.text(valid)])
        for text in [[0xC3], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            #expect(code(message(try packed(bytes("ab") + text))) == .invalidPayload)
            #expect(read(message(try packed(text), .binary)).events == [.binary(text)])
        }
        // The refusal comes before the message ends.
        let early = message(try packed(bytes("ab") + [0xFF]) + [0x00, 0x00, 0xFF, 0xFF], isFinal: false)
        #expect(code(early) == .invalidPayload)
    }

    @Test func size_isLimited_asRestored() throws {
        let limit = 1_000
        let most = [UInt8](repeating: 65, count: limit)
        #expect(read(message(try packed(most)), limit: limit).events == [.text(most)])
        let over = message(try packed(most + [65]))
        #expect(read(over, limit: limit).error?.closeCode == .messageTooBig)
        let half = try packed(most)
        let parts =
            message(half + [0x00, 0x00, 0xFF, 0xFF], isFinal: false)
            + masked(.continuation, half)
        #expect(read(parts, limit: limit).error?.closeCode == .messageTooBig)
        #expect(read(parts, limit: 2 * limit).events == [.text(most + most)])
    }

    @Test func bomb_isRefused_atTheLimit() throws {
        // 64 MiB of zeros.
        let deflater = MessageDeflater(DeflateParameters())
        let payload = try #require(deflater.compress([UInt8](repeating: 0, count: 64 << 20)))
        var decoder = FrameDecoder(
            role: .server, maxFrameBytes: 1 << 20, inflating: DeflateParameters())
        var offset = 0
        let input = message(payload, .binary)
        #expect(throws: WebSocketError(.messageTooBig, "The message is too long.")) {
            try decoder.next(input.span, &offset)
        }
    }

    @Test func messages_comeBackUnchanged() throws {
        var generator = SeededGenerator(seed: 21)
        for keepsHistory in [true, false] {
            for windowBits in 9...15 {
                let parameters = DeflateParameters(windowBits: windowBits, keepsHistory: keepsHistory)
                let (input, events) = conversation(parameters, &generator)
                for piece in [1, 2, 13, 1_000, Int.max] {
                    let transcript = FrameTranscript(
                        input, role: .client, pieceBytes: piece, inflating: parameters)
                    #expect(transcript.error == nil)
                    #expect(transcript.events == events)
                }
            }
        }
    }

    /// Makes messages as a server writes them: in two fragments, and most of them compressed.
    private func conversation(
        _ parameters: DeflateParameters, _ generator: inout SeededGenerator
    ) -> ([UInt8], [WebSocketEvent]) {
        let deflater = MessageDeflater(parameters)
        var output: [UInt8] = []
        var events: [WebSocketEvent] = []
        for number in 0..<30 {
            let noise = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 32...126, using: &generator)
            }
            let text = number % 5 == 0 ? [] : bytes("{\"vehicle\":\(number),\"note\":\"") + noise + noise
            let packed = number % 7 == 3 ? nil : deflater.compress(text)
            let payload = packed ?? text
            let cut = Int.random(in: 0...payload.count, using: &generator)
            FrameEncoder.append(
                .text, payload: Array(payload.prefix(cut)), isFinal: false, isCompressed: packed != nil,
                into: &output)
            FrameEncoder.append(.continuation, payload: Array(payload.dropFirst(cut)), into: &output)
            events.append(.text(text))
        }
        return (output, events)
    }

    @Test func deflater_refersBack_onlyWithTakeover() throws {
        let message = bytes(
            "{\"vehicle_id\":\"van-7\",\"last_vehicle_id\":\"van-7\",\"next_vehicle_id\":\"van-7\"}")
        let keeping = MessageDeflater(DeflateParameters())
        let first = try #require(keeping.compress(message))
        let second = try #require(keeping.compress(message))
        #expect(second.count < first.count / 2)
        let forgetting = MessageDeflater(DeflateParameters(keepsHistory: false))
        #expect(forgetting.compress(message) == first)
        #expect(forgetting.compress(message) == first)
    }

    @Test func deflater_leavesMessagesPlain_whenCompressionDoesNotPay() {
        var settings = WebSocketCompression()
        settings.thresholdBytes = 10
        let deflater = MessageDeflater(DeflateParameters(keepsHistory: false), settings: settings)
        #expect(deflater.compress([UInt8](repeating: 65, count: 9)) == nil)
        #expect(deflater.compress([UInt8](repeating: 65, count: 10)) != nil)
        var generator = SeededGenerator(seed: 4)
        let noise = (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(deflater.compress(noise) == nil)
        #expect(MessageDeflater(DeflateParameters()).compress([UInt8]()) == nil)
        // With a history even noise is sent compressed, because both ends must know it.
        #expect(MessageDeflater(DeflateParameters()).compress(noise) != nil)
    }
}

/// Frames and payloads that RFC 7692 does not allow.
@Suite struct CompressedMessageRefusalTests {
    @Test func compressedBit_isRefused_exceptOnFirstFrames() {
        #expect(code(masked(.ping, [], isCompressed: true)) == .protocolError)
        #expect(code(masked(.pong, [], isCompressed: true)) == .protocolError)
        #expect(code(masked(.close, [], isCompressed: true)) == .protocolError)
        let first = message(hello, isFinal: false)
        #expect(code(first + masked(.continuation, [], isCompressed: true)) == .protocolError)
        #expect(
            code(masked(.text, [], isFinal: false) + masked(.continuation, [], isCompressed: true))
                == .protocolError)
        #expect(code([0xE1, 0x80, 0, 0, 0, 0]) == .protocolError)
        #expect(code([0xD1, 0x80, 0, 0, 0, 0]) == .protocolError)
        // Without an agreement no frame may have the bit.
        #expect(closeCode(message(hello)) == .protocolError)
    }

    @Test(
        arguments: [
            // A block of the reserved type, a distance before the beginning, and stored lengths that differ.
            [0x07], [0xF2, 0x00, 0x11, 0x00, 0x00], [0x00, 0x05, 0x00, 0xFF, 0xFF, 0x41],
            // Data that is cut inside a block. Only the end of the message shows it.
            [0xF2, 0x48, 0xCD], [0xF2], [0x00, 0x09, 0x00, 0xF6, 0xFF, 0x48],
        ] as [[UInt8]])
    func data_isRefused_whenItIsNotDeflate(payload: [UInt8]) {
        #expect(code(message(payload, .binary)) == .invalidPayload)
        #expect(
            code(message(payload, .binary, isFinal: false) + masked(.continuation, [])) == .invalidPayload)
    }
}
