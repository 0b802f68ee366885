import HarborFleetTesting
import Testing

@testable import WebSockets

@Suite struct TextMessageTests {
    @Test func text_isAccepted_whenItsCharactersAreCut() {
        let text = bytes("κόσμε \u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{D7FF}\u{E000} 🚢 harbour")
        for cut in 0...text.count {
            let first = masked(.text, Array(text.prefix(cut)), isFinal: false)
            let last = masked(.continuation, Array(text.dropFirst(cut)), mask: 0x0102_0304)
            #expect(FrameTranscript(first + masked(.ping, []) + last).events == [.ping([]), .text(text)])
        }
    }

    @Test func validator_agreesWithTheStandardLibrary() {
        var random = SeededGenerator(seed: 5)
        let telling: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
        ]
        for _ in 0..<5000 {
            let length = Int.random(in: 0...12, using: &random)
            let text = (0..<length).map { _ in telling.randomElement(using: &random) ?? 0 }
            var validator = UTF8Validator()
            let isValid = validator.take(text.span, from: 0) && validator.isComplete
            #expect(isValid == (String(validating: text, as: UTF8.self) != nil), "\(text)")
        }
    }
}

/// Texts that are not UTF-8 (RFC 3629).
@Suite struct TextRefusalTests {
    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC3, 0x41],
            [0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x80], [0xE2, 0x41, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func text_isRefused_whenItIsNotUTF8(payload: [UInt8]) {
        #expect(closeCode(masked(.text, payload)) == .invalidPayload)
        for cut in 0...payload.count {
            let first = masked(.text, Array(payload.prefix(cut)), isFinal: false)
            #expect(
                closeCode(first + masked(.continuation, Array(payload.dropFirst(cut)))) == .invalidPayload)
        }
        #expect(transcript(masked(.binary, payload)).events == [.binary(payload)])
    }

    @Test func text_isRefused_beforeItsMessageEnds() throws {
        var decoder = FrameDecoder(role: .server)
        let frame = masked(.text, [0x41, 0xED, 0xA0, 0x80, 0x41, 0x41])
        var offset = 0
        #expect(try decoder.next(Array(frame.prefix(6 + 2)).span, &offset) == nil)
        offset = 0
        #expect(throws: WebSocketError.self) { try decoder.next([frame[8]].span, &offset) }
    }
}
