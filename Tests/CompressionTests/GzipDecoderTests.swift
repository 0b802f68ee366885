import HarborFleetTesting
import Testing

@testable import Compression

private let bodyLimit = 100_000

private func refusal(
    of body: [UInt8], by decoder: inout GzipDecoder, limit: Int = bodyLimit
) -> CompressionError? {
    do throws(CompressionError) {
        _ = try decoder.decode(body.span, limit: limit)
        return nil
    } catch {
        return error
    }
}

@Suite struct GzipDecoderTests {
    /// A gzip stream with a block of its own for each of `pieces`.
    private func flushed(_ pieces: [[UInt8]]) throws -> [UInt8] {
        var deflater = try Deflater(format: .gzip, level: 6)
        var output: [UInt8] = []
        for piece in pieces { try deflater.compress(piece.span, flush: .sync, into: &output) }
        let nothing: [UInt8] = []
        try deflater.compress(nothing.span, flush: .finish, into: &output)
        return output
    }

    @Test func decode_restoresEachBody_alsoAfterARefusal() throws {
        var generator = SeededGenerator(seed: 11)
        var decoder = try GzipDecoder()
        for round in 0..<300 {
            let body = sample(&generator, upTo: 90_000)
            let packed = try pack(body, .gzip)
            let plain = try decoder.decode(packed.span, limit: bodyLimit)
            #expect(plain == body)
            let cut = Array(packed.dropLast(1 + round % 8))
            #expect(refusal(of: cut, by: &decoder) == .incompleteData)
        }
    }

    @Test func decode_joinsMembers_withinTheLimit() throws {
        var decoder = try GzipDecoder()
        let members = try [[1, 2], [], [3], [UInt8](repeating: 4, count: 40_000)].map { try pack($0, .gzip) }
        let body = members.flatMap { $0 }
        let plain = try decoder.decode(body.span, limit: 40_003)
        #expect(plain == [1, 2, 3] + [UInt8](repeating: 4, count: 40_000))
        #expect(refusal(of: body, by: &decoder, limit: 40_002) == .limitExceeded)
    }

    @Test func decode_acceptsAStream_whenItsSenderFlushesOften() throws {
        var decoder = try GzipDecoder()
        let pieces = (0..<1_500).map { Array("{\"vehicle_id\":\"van-\($0)\"},".utf8) }
        let packed = try flushed(pieces)
        let plain = try decoder.decode(packed.span, limit: bodyLimit)
        #expect(plain == pieces.flatMap { $0 })
    }
}

/// Bodies that are no gzip (RFC 1952), or too much of it.
@Suite struct GzipRefusalTests {
    @Test func decode_refusesWhatIsNotCompleteGzip() throws {
        var decoder = try GzipDecoder()
        let packed = try pack(Array("harbor".utf8), .gzip)
        for length in 0..<packed.count {
            #expect(refusal(of: Array(packed.prefix(length)), by: &decoder) == .incompleteData)
            #expect(
                refusal(of: packed + packed.prefix(length), by: &decoder)
                    == (length == 0 ? nil : .incompleteData))
        }
        for trailer in [[0], [0, 0, 0, 0], [0x1F, 0x8C], Array("garbage".utf8)] as [[UInt8]] {
            let error = refusal(of: packed + trailer, by: &decoder)
            #expect(error == .malformedData || error == .incompleteData)
        }
        for index in packed.indices.suffix(8) {
            var corrupt = packed
            corrupt[index] ^= 1
            #expect(refusal(of: corrupt, by: &decoder) == .malformedData)
        }
        #expect(refusal(of: Array("{\"fixes\":[]}".utf8), by: &decoder) == .malformedData)
        #expect(refusal(of: try pack(Array("harbor".utf8), .raw), by: &decoder) != nil)
    }

    @Test func decode_limitsTheNumberOfBlocks() throws {
        var decoder = try GzipDecoder()
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let stored: [UInt8] = [0, 0, 0, 0xFF, 0xFF]
        let blocks = head + [[UInt8]](repeating: stored, count: 200_000).flatMap { $0 }
        #expect(refusal(of: blocks, by: &decoder) == .tooManyBlocks)
        let member = try pack([], .gzip)
        let members = [[UInt8]](repeating: member, count: 50_000).flatMap { $0 }
        #expect(refusal(of: members, by: &decoder) == .tooManyBlocks)
        let few = [[UInt8]](repeating: member, count: 1_000).flatMap { $0 }
        #expect(refusal(of: few, by: &decoder) == nil)
    }

    @Test func decode_stopsAtTheLimit_whenTheBodyIsABomb() throws {
        var decoder = try GzipDecoder()
        let bomb = try pack([UInt8](repeating: 0, count: 64 << 20), .gzip)
        #expect(refusal(of: bomb, by: &decoder, limit: 1 << 20) == .limitExceeded)
        let next = try pack([7], .gzip)
        let plain = try decoder.decode(next.span, limit: 1)
        #expect(plain == [7])
    }
}
