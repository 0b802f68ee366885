import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

/// The parser reads what the encoder writes, in pieces of any size.
@Suite struct ResponsePropertyTests {
    /// A response as a client sees it.
    private struct Reply: Equatable {
        var status: Int
        var keepAlive: Bool
        var fields: [String]
        var body: [UInt8]
        var isWhole = false
    }

    /// The bytes of a response, and what the parser should read from them.
    private struct Sent {
        let method: HTTPRequest.Method
        let bytes: [UInt8]
        let expected: Reply
    }

    @Test(arguments: 0..<16)
    func responses_comeBackUnchanged(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let sent = (0..<12).map { _ in Self.response(&random) }
        let stream = sent.flatMap(\.bytes)
        for piece in [1, 2, 3, 7, 64, 1_000, stream.count] {
            let found = try Self.read(stream, piece: piece, methods: sent.map(\.method))
            #expect(found == sent.map(\.expected), "in pieces of \(piece)")
        }
    }

    @Test func responses_comeBackUnchanged_whenTheyAreCutInTwo() throws {
        var random = SeededGenerator(seed: 99)
        let sent = (0..<3).map { _ in Self.response(&random) }
        let stream = sent.flatMap(\.bytes)
        for cut in 1..<stream.count {
            let pieces = [Array(stream[..<cut]), Array(stream[cut...])]
            #expect(
                try Self.read(pieces, methods: sent.map(\.method)) == sent.map(\.expected), "cut at \(cut)")
        }
    }

    private static func response(_ random: inout SeededGenerator) -> Sent {
        let codes = [200, 201, 202, 204, 304, 400, 404, 413, 500, 503]
        let status = HTTPResponse.Status(code: codes.randomElement(using: &random) ?? 200)
        let method: HTTPRequest.Method = Int.random(in: 0..<4, using: &random) == 0 ? .head : .get
        let keepAlive = Bool.random(using: &random)
        let isChunked = Bool.random(using: &random)
        let fields = fields(&random)
        let chunks = (0..<Int.random(in: 0...4, using: &random)).map { _ in noise(&random) }
        let body = chunks.flatMap { $0 }
        var output: [UInt8] = []
        ResponseEncoder.encodeHead(
            status: status, fields: fields, framing: isChunked ? .chunked : .length(body.count),
            keepAlive: keepAlive, version: .http11, date: HTTPDate(unixSeconds: 784_111_777).fieldLine,
            into: &output)
        let hasBody = method != .head && status.code != 204 && status.code != 304
        if hasBody, isChunked {
            for chunk in chunks { ResponseEncoder.encodeChunk(chunk.span, into: &output) }
            ResponseEncoder.encodeLastChunk(into: &output)
        } else if hasBody {
            output += body
        }
        let expected = Reply(
            status: status.code, keepAlive: keepAlive,
            fields: fields.map { "\($0.name.rawName)=\($0.value)" },
            body: hasBody ? body : [], isWhole: true)
        return Sent(method: method, bytes: output, expected: expected)
    }

    /// Makes fields that the encoder does not write itself.
    private static func fields(_ random: inout SeededGenerator) -> HTTPFields {
        var fields = HTTPFields()
        for number in 0..<Int.random(in: 0...5, using: &random) {
            guard let name = HTTPField.Name("X-\(number)") else { continue }
            let value = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                UInt8.random(in: 0x21...0x7E, using: &random)
            }
            fields.append(HTTPField(name: name, value: String(decoding: value, as: UTF8.self)))
        }
        return fields
    }

    private static func noise(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func read(
        _ stream: [UInt8], piece: Int, methods: [HTTPRequest.Method]
    ) throws -> [Reply] {
        let starts = stride(from: 0, to: stream.count, by: piece)
        return try read(starts.map { Array(stream[$0..<min($0 + piece, stream.count)]) }, methods: methods)
    }

    private static func read(_ pieces: [[UInt8]], methods: [HTTPRequest.Method]) throws -> [Reply] {
        var parser = ResponseParser()
        var replies: [Reply] = []
        parser.expectResponse(to: methods.first ?? .get)
        for piece in pieces {
            var offset = 0
            while let event = try parser.next(piece.span, &offset) {
                take(event, piece, &replies)
                guard case .end = event, replies.count < methods.count else { continue }
                parser.expectResponse(to: methods[replies.count])
            }
        }
        return replies
    }

    private static func take(_ event: ResponseEvent, _ piece: [UInt8], _ replies: inout [Reply]) {
        switch event {
        case .informational: break
        case .head(let head):
            let own = head.fields.filter { $0.name.rawName.hasPrefix("X-") }
            replies.append(
                Reply(
                    status: head.status.code, keepAlive: head.keepAlive,
                    fields: own.map { "\($0.name.rawName)=\($0.value)" }, body: []))
        case .body(let range): replies[replies.count - 1].body += piece[range]
        case .end: replies[replies.count - 1].isWhole = true
        }
    }
}
