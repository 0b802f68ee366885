import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct RequestPropertyTests {
    @Test(arguments: 0..<8)
    func noise_neverTraps_andReadsTheSameInPieces(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let samples = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd",
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n",
        ].map(bytes)
        for _ in 0..<150 {
            var input =
                (samples.randomElement(using: &random) ?? []) + (samples.randomElement(using: &random) ?? [])
            for _ in 0..<Int.random(in: 0...4, using: &random) { Self.spoil(&input, &random) }
            let whole = RequestTranscript(input)
            for piece in [1, 2, 3, 5, 17, 40] {
                #expect(
                    RequestTranscript(input, pieceBytes: piece) == whole,
                    "\(String(decoding: input, as: UTF8.self))")
            }
        }
    }

    private static func spoil(_ input: inout [UInt8], _ random: inout SeededGenerator) {
        guard let index = input.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0...3, using: &random) {
        case 0: input[index] = UInt8.random(in: 0...255, using: &random)
        case 1: input.remove(at: index)
        case 2: input.insert(bytes("\r\n :;,").randomElement(using: &random) ?? 0, at: index)
        default: input.removeLast(input.count - index)
        }
    }

    @Test(arguments: 0..<8)
    func chunkedBody_comesBackUnchanged(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var message = bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        var body: [UInt8] = []
        for _ in 0..<20 {
            let chunk = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            body += chunk
            ResponseEncoder.encodeChunk(chunk.span, into: &message)
        }
        ResponseEncoder.encodeLastChunk(into: &message)
        let found = transcript(message)
        #expect(found.error == nil)
        #expect(found.requests.map(\.body) == [body])
        #expect(found.requests.first?.isComplete == true)
    }

    @Test(arguments: 0..<8)
    func fields_comeBackUnchanged(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var text = "GET / HTTP/1.1\r\nHost: a\r\n"
        var expected: [String: String] = [:]
        for number in 0..<40 {
            let visible = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                UInt8.random(in: 0x21...0x7E, using: &random)
            }
            let value = String(decoding: visible, as: UTF8.self)
            expected["X-\(number)"] = value
            text += "x-\(number):\(Bool.random(using: &random) ? "  \t" : "")\(value) \r\n"
        }
        let head = try head(text + "\r\n")
        for (name, value) in expected { #expect(head[try #require(HTTPField.Name(name))] == value) }
    }
}
