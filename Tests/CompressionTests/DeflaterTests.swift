import HarborFleetTesting
import Testing

@testable import Compression

@Suite struct DeflaterTests {
    @Test func deflater_refusesSettings_outOfRange() {
        let settings = [
            (10, 15, 8), (-1, 15, 8), (6, 8, 8), (6, 16, 8), (6, -15, 8), (6, 15, 0), (6, 15, 10),
        ]
        for (level, window, memory) in settings {
            #expect(throws: CompressionError.unsupportedParameters) {
                let deflater = try Deflater(
                    format: .raw, level: level, windowBits: window, memoryLevel: memory)
                _ = consume deflater
            }
        }
    }

    @Test func deflater_writesTheSameBytesAsANewOne_afterAReset() throws {
        var generator = SeededGenerator(seed: 1)
        var deflater = try Deflater(format: .raw, level: 6)
        for _ in 0..<20 {
            let body = sample(&generator, upTo: 5_000)
            try deflater.reset()
            var packed: [UInt8] = []
            try deflater.compress(body.span, flush: .finish, into: &packed)
            #expect(packed == (try pack(body, .raw)))
        }
    }

    @Test func deflater_refusesInput_afterTheEndUntilAReset() throws {
        var deflater = try Deflater(format: .raw, level: 6)
        var packed: [UInt8] = []
        try deflater.compress([1].span, flush: .finish, into: &packed)
        #expect(refusal([2], by: &deflater, into: &packed) == .unsupportedParameters)
        try deflater.reset()
        packed = [7]
        try deflater.compress([2].span, flush: .finish, into: &packed)
        #expect(packed.first == 7)
        #expect(try unpack(Array(packed.dropFirst()), .raw, limit: 1).bytes == [2])
    }

    /// As permessage-deflate sends them (RFC 7692 section 7.2.3).
    @Test func deflater_writesTheExamplesOfRFC7692() throws {
        var deflater = try Deflater(format: .raw, level: 6)
        var packed: [UInt8] = []
        try deflater.compress(Array("Hello".utf8).span, flush: .sync, into: &packed)
        #expect(packed == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF])
        packed = []
        try deflater.compress(Array("Hello".utf8).span, flush: .sync, into: &packed)
        #expect(packed == [0xF2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF])
    }
}
