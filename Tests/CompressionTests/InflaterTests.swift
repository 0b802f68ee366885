import HarborFleetTesting
import Testing

@testable import Compression

@Suite struct InflaterTests {
    @Test(arguments: [CompressionFormat.raw, .gzip])
    func inflate_restoresWhatWasDeflated_withAnySettings(format: CompressionFormat) throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<200 {
            let body = sample(&generator, upTo: 40_000)
            let windowBits = Int.random(in: 9...15, using: &generator)
            var deflater = try Deflater(
                format: format, level: Int.random(in: 0...9, using: &generator), windowBits: windowBits,
                memoryLevel: Int.random(in: 1...9, using: &generator))
            var packed: [UInt8] = []
            try deflater.compress(body.span, flush: .finish, into: &packed)
            let unpacked = try unpack(packed, format, windowBits: windowBits, limit: body.count)
            #expect(unpacked.bytes == body, "round \(round)")
            #expect(unpacked.progress == .init(consumed: packed.count, isAtEnd: true))
        }
    }

    @Test func inflate_restoresTheBody_whenTheStreamIsCutAtAnyByte() throws {
        let body = Array("Harbor Harbor Harbor fleet, fleet. ".utf8) + (0...255)
        for format in [CompressionFormat.raw, .gzip] {
            let packed = try pack(body, format)
            for cut in 0...packed.count {
                var inflater = try Inflater(format: format)
                var output: [UInt8] = []
                let first = try inflater.inflate(
                    packed.span.extracting(0..<cut), limit: body.count, into: &output)
                #expect(first.isAtEnd == (cut == packed.count))
                let rest = packed.span.extracting(cut..<packed.count)
                let second = try inflater.inflate(rest, limit: body.count - output.count, into: &output)
                #expect(second.isAtEnd && output == body)
            }
            var inflater = try Inflater(format: format)
            var output: [UInt8] = []
            for byte in packed {
                _ = try inflater.inflate([byte].span, limit: body.count - output.count, into: &output)
            }
            #expect(output == body)
        }
    }

    @Test func inflate_restoresPiecesThatShareAHistory() throws {
        var generator = SeededGenerator(seed: 3)
        var deflater = try Deflater(format: .raw, level: 6)
        var inflater = try Inflater(format: .raw)
        var sizes: [Int] = []
        for flush in [Deflater.Flush.sync, .sync, .sync, .full, .sync] {
            let piece = Array("{\"type\":\"position\",\"vehicle\":\"van-7\",\"lat\":53.5413}".utf8)
            var packed: [UInt8] = []
            try deflater.compress(piece.span, flush: flush, into: &packed)
            #expect(packed.suffix(4) == [0x00, 0x00, 0xFF, 0xFF])
            sizes.append(packed.count)
            var output: [UInt8] = []
            let progress = try inflater.inflate(packed.span, limit: piece.count, into: &output)
            #expect(output == piece)
            #expect(progress == .init(consumed: packed.count, isAtEnd: false))
        }
        #expect(sizes[1] < sizes[0] / 2)
        // After a full flush no piece refers back.
        #expect(sizes[4] > sizes[1])
        for _ in 0..<50 {
            let piece = sample(&generator, upTo: 70_000)
            var packed: [UInt8] = []
            try deflater.compress(piece.span, flush: .sync, into: &packed)
            var output: [UInt8] = []
            _ = try inflater.inflate(packed.span, limit: piece.count, into: &output)
            #expect(output == piece)
        }
    }

    @Test func inflate_isNotAtItsEnd_whenTheStreamIsCutShort() throws {
        let body = Array(repeating: UInt8(1), count: 1_000)
        for format in [CompressionFormat.raw, .gzip] {
            let packed = try pack(body, format)
            for length in 0..<packed.count {
                let unpacked = try unpack(Array(packed.prefix(length)), format, limit: 1_000)
                #expect(!unpacked.progress.isAtEnd && unpacked.progress.consumed == length)
            }
        }
    }

    @Test func inflate_leavesTheBytesAfterTheEndUnused() throws {
        let packed = try pack([1, 2, 3], .gzip)
        let unpacked = try unpack(packed + [9, 9], .gzip, limit: 10)
        #expect(unpacked.bytes == [1, 2, 3])
        #expect(unpacked.progress == .init(consumed: packed.count, isAtEnd: true))
    }

    @Test func inflate_neverAcceptsCorruptData() throws {
        let body = Array("The quick brown fox jumps over the lazy dog, twice: the quick brown fox.".utf8)
        let packed = try pack(body, .gzip)
        // Bytes 3 to 9 of the header are flags, time and system. Some of them change nothing (RFC 1952 section 2.3.1).
        for index in [0, 1, 2] + Array(10..<packed.count) {
            for bit in 0..<8 {
                var damaged = packed
                damaged[index] ^= 1 << bit
                let outcome = Result { () throws(CompressionError) in try unpack(damaged, .gzip, limit: 100) }
                switch outcome {
                case .success(let unpacked):
                    // The last byte of the last block may have unused bits.
                    #expect(
                        !unpacked.progress.isAtEnd || unpacked.bytes == body, "byte \(index) bit \(bit)")
                case .failure(let error): #expect(error == .malformedData || error == .limitExceeded)
                }
            }
        }
        #expect(throws: CompressionError.malformedData) { try unpack([0x07], .raw, limit: 100) }
        #expect(throws: CompressionError.malformedData) { try unpack([0x1F, 0x8C], .gzip, limit: 100) }
    }

    @Test func inflate_neverTraps_onNoise() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            let noise = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let outcome = Result { () throws(CompressionError) in try unpack(noise, .raw, limit: 4_096) }
            switch outcome {
            case .success(let unpacked): #expect(unpacked.bytes.count <= 4_096)
            case .failure(let error): #expect(error == .malformedData || error == .limitExceeded)
            }
        }
    }

    @Test(arguments: [0, 1, 15, 16_383, 16_384, 16_385, 100_000])
    func inflate_keepsToItsLimitExactly(length: Int) throws {
        let packed = try pack([UInt8](repeating: 65, count: length), .raw)
        #expect(try unpack(packed, .raw, limit: length).bytes.count == length)
        #expect(try unpack(packed, .raw, limit: length + 1).bytes.count == length)
        for limit in Set([length - 1, length / 2, 0, -5]) where limit < length && length > 0 {
            #expect(throws: CompressionError.limitExceeded) { try unpack(packed, .raw, limit: limit) }
        }
    }

    @Test func inflate_stopsAtTheLimit_whenTheBodyIsABomb() throws {
        let packed = try pack([UInt8](repeating: 0, count: 64 << 20), .raw)
        #expect(packed.count < 70_000)
        var inflater = try Inflater(format: .raw)
        var output: [UInt8] = []
        #expect(refusal(packed, by: &inflater, limit: 1 << 20, into: &output) == .limitExceeded)
        #expect(output.capacity <= 1 << 20 + 32_768)
        try inflater.reset()
        output = []
        let next = try pack([1, 2], .raw)
        _ = try inflater.inflate(next.span, limit: 2, into: &output)
        #expect(output == [1, 2])
    }

    @Test func resetKeepingHistory_letsTheNextStreamReferBack() throws {
        var deflater = try Deflater(format: .raw, level: 9)
        let text = Array("a phrase that is long enough to be worth a reference".utf8)
        var first: [UInt8] = []
        try deflater.compress(text.span, flush: .sync, into: &first)
        var second: [UInt8] = []
        try deflater.compress(text.span, flush: .sync, into: &second)
        let final: [UInt8] = [0x03, 0x00]
        var inflater = try Inflater(format: .raw)
        var output: [UInt8] = []
        _ = try inflater.inflate(first.span, limit: 100, into: &output)
        #expect(try inflater.inflate(final.span, limit: 100, into: &output).isAtEnd)
        try inflater.resetKeepingHistory()
        _ = try inflater.inflate(second.span, limit: 100, into: &output)
        #expect(output == text + text)
        try inflater.reset()
        var again: [UInt8] = []
        #expect(refusal(second, by: &inflater, limit: 100, into: &again) == .malformedData)
    }

    @Test func inflate_refusesAStream_whenItsWindowIsTooSmall() throws {
        var generator = SeededGenerator(seed: 5)
        let noise = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let packed = try pack(noise + noise, .raw)
        #expect(try unpack(packed, .raw, windowBits: 11, limit: 4_000).bytes == noise + noise)
        var inflater = try Inflater(format: .raw, windowBits: 8)
        var output: [UInt8] = []
        // The input comes byte by byte. Otherwise the output itself would serve as the history.
        var refusals: [CompressionError?] = []
        for byte in packed { refusals.append(refusal([byte], by: &inflater, limit: 4_000, into: &output)) }
        #expect(refusals.contains(.malformedData))
        #expect(throws: CompressionError.unsupportedParameters) {
            try unpack(packed, .raw, windowBits: 7, limit: 1)
        }
        #expect(throws: CompressionError.unsupportedParameters) {
            try unpack(packed, .raw, windowBits: 16, limit: 1)
        }
    }
}
