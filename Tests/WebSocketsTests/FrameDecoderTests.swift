import HarborFleetTesting
import Testing

@testable import WebSockets

@Suite struct FrameDecoderTests {
    /// RFC 6455 section 5.7.
    @Test func frames_areRead_inTheExamplesOfTheRFC() {
        #expect(transcript([0x81, 0x05] + bytes("Hello"), role: .client).events == [.text(bytes("Hello"))])
        let maskedHello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(transcript(maskedHello).events == [.text(bytes("Hello"))])
        #expect(
            transcript([0x01, 0x03] + bytes("Hel") + [0x80, 0x02] + bytes("lo"), role: .client).events
                == [.text(bytes("Hello"))])
        #expect(transcript([0x89, 0x05] + bytes("Hello"), role: .client).events == [.ping(bytes("Hello"))])
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(transcript(pong).events == [.pong(bytes("Hello"))])
        let long = (0..<256).map { UInt8($0) }
        #expect(transcript([0x82, 0x7E, 0x01, 0x00] + long, role: .client).events == [.binary(long)])
        let longer = [UInt8](repeating: 7, count: 65536)
        #expect(
            transcript([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + longer, role: .client).events == [
                .binary(longer)
            ])
    }

    @Test func controlFrames_mayStandBetweenFragments() {
        let input =
            masked(.text, bytes("a"), isFinal: false) + masked(.ping, bytes("p"))
            + masked(.continuation, bytes("b"), isFinal: false) + masked(.pong, [])
            + masked(.continuation, bytes("c")) + masked(.binary, [1])
        #expect(
            transcript(input).events == [.ping(bytes("p")), .pong([]), .text(bytes("abc")), .binary([1])])
    }

    @Test func messages_mayBeEmpty() {
        let input = masked(.text, []) + masked(.binary, [], isFinal: false) + masked(.continuation, [])
        #expect(transcript(input).events == [.text([]), .binary([])])
    }

    @Test func size_isLimited_perFrameAndPerMessage() {
        let ten = [UInt8](repeating: 0, count: 10)
        func code(_ input: [UInt8]) -> CloseCode? {
            transcript(input, maxFrameBytes: 10, maxMessageBytes: 15).error?.closeCode
        }
        #expect(code(masked(.binary, ten)) == nil)
        #expect(code(masked(.binary, ten + [0])) == .messageTooBig)
        let first = masked(.binary, ten, isFinal: false)
        #expect(code(first + masked(.continuation, [UInt8](repeating: 0, count: 5))) == nil)
        #expect(code(first + masked(.continuation, [UInt8](repeating: 0, count: 6))) == .messageTooBig)
        #expect(code(Array(masked(.binary, ten + [0]).prefix(6))) == .messageTooBig)
    }

    @Test func close_endsTheStream() {
        let payload = FrameEncoder.closePayload(.goingAway, reason: "bye")
        let input = masked(.close, payload) + masked(.text, bytes("late")) + [0xFF, 0xFF]
        #expect(transcript(input).events == [.close(.goingAway, reason: bytes("bye"))])
        #expect(transcript(input).error == nil)
        #expect(transcript(masked(.close, [])).events == [.close(nil, reason: [])])
    }

    @Test(arguments: [[0x03, 0xE8], [0x03, 0xE8, 0xC3, 0xA9]] as [[UInt8]])
    func closePayload_isAccepted_withACodeAndAReason(payload: [UInt8]) {
        #expect(closeCode(masked(.close, payload)) == nil)
    }

    @Test func decoder_readsNothing_whenTheOffsetIsOutside() throws {
        var decoder = FrameDecoder(role: .server)
        for start in [-1, 3, Int.min, Int.max] {
            var offset = start
            #expect(try decoder.next([0x81, 0x80].span, &offset) == nil)
        }
    }
}

/// Frames that RFC 6455 does not allow.
@Suite struct FrameRefusalTests {
    @Test(arguments: [UInt8(0x10), 0x20, 0x40, 0x70])
    func reservedBits_areRefused(bit: UInt8) {
        for opcode in [UInt8(0x1), 0x2, 0x9] {
            #expect(closeCode([0x80 | bit | opcode, 0x80]) == .protocolError)
        }
    }

    @Test(arguments: [UInt8(3), 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF])
    func reservedOpcodes_areRefused(opcode: UInt8) {
        #expect(closeCode([0x80 | opcode, 0x80, 0, 0, 0, 0]) == .protocolError)
    }

    @Test func frame_isRefused_whenItsMaskingDoesNotFitTheRole() {
        #expect(closeCode([0x81, 0x00]) == .protocolError)
        #expect(closeCode([0x81, 0x80, 0, 0, 0, 0], role: .client) == .protocolError)
    }

    @Test func controlFrame_isRefused_whenItIsFragmentedOrLong() {
        #expect(closeCode([0x09, 0x80, 0, 0, 0, 0]) == .protocolError)
        #expect(closeCode([0x89, 0xFE, 0x00, 0x7E]) == .protocolError)
        #expect(closeCode([0x8A, 0xFF]) == .protocolError)
        #expect(closeCode(masked(.ping, [UInt8](repeating: 1, count: 125))) == nil)
    }

    @Test func length_isRefused_whenItIsNotInItsShortestForm() {
        #expect(closeCode([0x82, 0xFE, 0x00, 0x7D, 0, 0, 0, 0]) == .protocolError)
        #expect(closeCode([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0]) == .protocolError)
        #expect(closeCode([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) == .protocolError)
        #expect(
            closeCode([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
                == .messageTooBig)
    }

    @Test func fragment_isRefused_whenItContinuesNoMessage() {
        #expect(closeCode(masked(.continuation, [])) == .protocolError)
        #expect(closeCode(masked(.text, [], isFinal: false) + masked(.text, [])) == .protocolError)
        #expect(closeCode(masked(.text, []) + masked(.continuation, [])) == .protocolError)
    }

    @Test(
        arguments: [
            ([3], .protocolError), ([0, 0], .protocolError), ([0x03, 0xE8, 0xFF], .invalidPayload),
            ([0x03, 0xE8, 0xC3], .invalidPayload),
        ] as [([UInt8], CloseCode)])
    func closePayload_isRefused_whenItIsMalformed(payload: [UInt8], expected: CloseCode) {
        #expect(closeCode(masked(.close, payload)) == expected)
    }

    @Test func closeCode_isRefused_whenItMayNotTravel() {
        let valid = Array(1000...1003) + Array(1007...1014) + Array(3000...4999)
        for number in [0, 999] + Array(1000...1020) + [1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535]
        {
            let code = CloseCode(rawValue: UInt16(number))
            #expect(code.isValidOnWire == valid.contains(number), "\(number)")
            let payload = FrameEncoder.closePayload(code)
            #expect(closeCode(masked(.close, payload)) == (valid.contains(number) ? nil : .protocolError))
        }
    }

    @Test func decoder_keepsItsError() {
        var decoder = FrameDecoder(role: .server)
        for input in [[0x81, 0x00], masked(.text, [])] as [[UInt8]] {
            var offset = 0
            #expect(throws: WebSocketError(.protocolError, "A client's frame must be masked.")) {
                try decoder.next(input.span, &offset)
            }
        }
    }
}
