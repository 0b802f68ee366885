import HarborFleetTesting
import Testing

@testable import WebSockets

@Suite struct CompressedMessageTests {
    /// "Hello", as in RFC 7692 section 7.2.3.1.
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    /// The same with a reference to itself, section 7.2.3.2.
    private static let helloAgain: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]

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

    private func packed(_ message: [UInt8]) throws -> [UInt8] {
        try #require(MessageDeflater(DeflateParameters()).compress(message))
    }

    /// Sections 7.2.3.1 to 7.2.3.5.
    @Test func examples_ofTheRFC_areRead() {
        let text = WebSocketEvent.text(bytes("Hello"))
        #expect(read(message(Self.hello)).events == [text])
        let fragments =
            message(Array(Self.hello.prefix(3)), isFinal: false)
            + masked(.continuation, Array(Self.hello.dropFirst(3)))
        #expect(read(fragments).events == [text])
        #expect(read(message(Self.hello) + message(Self.helloAgain)).events == [text, text])
        #expect(read(message(Self.hello) + message(Self.hello)).events == [text, text])
        let stored = bytes("\u{0}\u{5}\u{0}") + [0xFA, 0xFF] + bytes("Hello") + [0x00]
        #expect(read(message(stored)).events == [text])
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        #expect(read(message(final)).events == [text])
        let twoBlocks: [UInt8] = [
            0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
        ]
        #expect(read(message(twoBlocks)).events == [text])
    }

    /// Each ended stream costs far more than the two bytes that it takes.
    @Test func streams_mayNotEndForEver_inOneMessage() {
        let emptyFinalBlock: [UInt8] = [0x03, 0x00]
        let some = [[UInt8]](repeating: emptyFinalBlock, count: 64).flatMap(\.self)
        let empty = WebSocketEvent.text([])
        #expect(read(message(some) + message(some)).events == [empty, empty])
        #expect(read(message(some + emptyFinalBlock)).error?.closeCode == .invalidPayload)
    }

    @Test func streams_mayEnd_anywhereInAMessage() {
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let twice = WebSocketEvent.text(bytes("HelloHello"))
        // Two streams in one message, with and without the zero byte at its end, then one that goes on.
        #expect(read(message(final + final)).events == [twice])
        #expect(read(message(final + final + [0x00])).events == [twice])
        #expect(read(message(final + Self.hello)).events == [twice])
        // The connection's history outlives a stream.
        #expect(
            read(message(final) + message(Self.helloAgain)).events == [
                .text(bytes("Hello")), .text(bytes("Hello")),
            ])
    }

    @Test func history_isForgotten_withoutTakeover() {
        let input = message(Self.hello) + message(Self.helloAgain)
        let transcript = read(input, keepsHistory: false)
        #expect(transcript.events == [.text(bytes("Hello"))])
        #expect(transcript.error?.closeCode == .invalidPayload)
        let fresh = message(Self.hello) + message(Self.hello)
        #expect(read(fresh, keepsHistory: false).events.count == 2)
    }

    @Test func messages_mayBeEmpty() {
        #expect(read(message([0x00]) + message([0x00], .binary)).events == [.text([]), .binary([])])
        #expect(read(message([0x02, 0x00])).events == [.text([])])
        // What zlib makes of a second empty message: nothing at all.
        #expect(
            read(message(Self.hello) + message([]) + message(Self.helloAgain)).events == [
                .text(bytes("Hello")), .text([]), .text(bytes("Hello")),
            ])
        let fragments = message([], isFinal: false) + masked(.continuation, Self.hello)
        #expect(read(fragments + message([], .binary)).events == [.text(bytes("Hello")), .binary([])])
    }

    @Test func plainMessages_mayStandBetween() {
        let input =
            message(Self.hello) + masked(.text, bytes("plain")) + masked(.ping, [1])
            + message(Self.helloAgain)
        #expect(
            read(input).events == [
                .text(bytes("Hello")), .text(bytes("plain")), .ping([1]), .text(bytes("Hello")),
            ])
    }

    @Test func control_frames_mayStandBetweenFragments() {
        let input =
            message(Array(Self.hello.prefix(2)), isFinal: false) + masked(.ping, bytes("p"))
            + masked(.continuation, Array(Self.hello.dropFirst(2)), isFinal: false)
            + masked(.continuation, [])
        #expect(read(input).events == [.ping(bytes("p")), .text(bytes("Hello"))])
    }

    @Test func theBit_standsOnFirstFramesOnly() {
        #expect(code(masked(.ping, [], isCompressed: true)) == .protocolError)
        #expect(code(masked(.pong, [], isCompressed: true)) == .protocolError)
        #expect(code(masked(.close, [], isCompressed: true)) == .protocolError)
        let first = message(Self.hello, isFinal: false)
        #expect(code(first + masked(.continuation, [], isCompressed: true)) == .protocolError)
        #expect(
            code(masked(.text, [], isFinal: false) + masked(.continuation, [], isCompressed: true))
                == .protocolError)
        #expect(code([0xE1, 0x80, 0, 0, 0, 0]) == .protocolError)
        #expect(code([0xD1, 0x80, 0, 0, 0, 0]) == .protocolError)
        // Without an agreement on no frame at all.
        #expect(closeCode(message(Self.hello)) == .protocolError)
    }

    @Test(
        arguments: [
            // A block of the reserved type, a distance before the beginning, stored lengths that differ.
            [0x07], [0xF2, 0x00, 0x11, 0x00, 0x00], [0x00, 0x05, 0x00, 0xFF, 0xFF, 0x41],
            // Cut in a block: only its end could tell.
            [0xF2, 0x48, 0xCD], [0xF2], [0x00, 0x09, 0x00, 0xF6, 0xFF, 0x48],
        ] as [[UInt8]])
    func data_thatIsNoDeflate_isRefused(payload: [UInt8]) {
        #expect(code(message(payload, .binary)) == .invalidPayload)
        #expect(
            code(message(payload, .binary, isFinal: false) + masked(.continuation, [])) == .invalidPayload)
    }

    @Test func text_isChecked_asItIsRestored() throws {
        let valid = bytes("κόσμε – 🚢")
        #expect(read(message(try packed(valid))).events == [.text(valid)])
        for text in [[0xC3], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            #expect(code(message(try packed(bytes("ab") + text))) == .invalidPayload)
            #expect(read(message(try packed(text), .binary)).events == [.binary(text)])
        }
        // Before the message ends.
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

    @Test func aBomb_isRefused_atTheLimit() throws {
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

    @Test func what_isWritten_isRead() throws {
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

    /// Messages as a server writes them, some compressed, some in fragments.
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

    @Test func deflater_refersToWhatCameBefore_onlyWithTakeover() throws {
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

    @Test func deflater_leavesAlone_whatDoesNotPay() {
        var settings = WebSocketCompression()
        settings.thresholdBytes = 10
        let deflater = MessageDeflater(DeflateParameters(keepsHistory: false), settings: settings)
        #expect(deflater.compress([UInt8](repeating: 65, count: 9)) == nil)
        #expect(deflater.compress([UInt8](repeating: 65, count: 10)) != nil)
        var generator = SeededGenerator(seed: 4)
        let noise = (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(deflater.compress(noise) == nil)
        #expect(MessageDeflater(DeflateParameters()).compress([UInt8]()) == nil)
        // With a history it is sent compressed all the same: both ends have to know it.
        #expect(MessageDeflater(DeflateParameters()).compress(noise) != nil)
    }
}
