import HarborFleetTesting
import Testing

@testable import Compression

@Suite struct GzipEncoderTests {
    @Test func encode_givesBackEachBody_whenItIsDecoded() throws {
        var generator = SeededGenerator(seed: 2)
        var encoder = try GzipEncoder()
        for _ in 0..<100 {
            let body = sample(&generator, upTo: 100_000)
            let packed = try encoder.encode(body.span)
            let unpacked = try unpack(packed, .gzip, limit: body.count)
            #expect(unpacked.bytes == body)
            #expect(unpacked.progress == .init(consumed: packed.count, isAtEnd: true))
        }
    }

    @Test func encode_givesTheSameBytesWithoutATime_whenTheBodyIsTheSame() throws {
        let body = Array("{\"fleet_id\":\"harbor-north\"}".utf8)
        var encoder = try GzipEncoder(level: 6)
        let first = try encoder.encode(body.span)
        _ = try encoder.encode([1, 2, 3].span)
        var other = try GzipEncoder(level: 6)
        #expect(try encoder.encode(body.span) == first)
        #expect(try other.encode(body.span) == first)
        // Magic, deflate, no flags, no time (RFC 1952 section 2.3).
        #expect(first.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
    }

    @Test func encode_givesACompleteStream_whenTheBodyIsEmpty() throws {
        var encoder = try GzipEncoder()
        let packed = try encoder.encode([UInt8]().span)
        #expect(try unpack(packed, .gzip, limit: 0).progress == .init(consumed: packed.count, isAtEnd: true))
    }
}
