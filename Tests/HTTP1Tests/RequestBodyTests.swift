import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

private let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"

@Suite struct RequestBodyTests {
    private func body(_ text: String, location: SourceLocation = #_sourceLocation) -> String? {
        let found = transcript(text, location: location)
        guard found.error == nil, let request = found.requests.first, request.isComplete else { return nil }
        return String(decoding: request.body, as: UTF8.self)
    }

    @Test func contentLength_givesThatManyBytes() {
        #expect(body("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello") == "hello")
        #expect(body("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nhello") == "hello")
        #expect(body("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n") == "")
        #expect(body("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello") == nil)
    }

    @Test(
        arguments: [
            ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!"),
            ("00a\r\n0123456789\r\n000\r\n\r\n", "0123456789"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("1;a\r\nx\r\n0;b=c;d=\"e;\\\"f\"\r\n\r\n", "x"),
            ("1 ; a = b ;c\r\nx\r\n0\r\n\r\n", "x"), ("1\r\nx\r\n0\r\nTrailer: a\r\nB: c\r\n\r\n", "x"),
        ] as [(String, String)])
    func chunks_areJoined(text: String, expected: String) {
        #expect(body(chunked + text) == expected)
    }

    @Test func trailers_areBounded() {
        let limits = HTTPLimits(headerBytes: 60, headerCount: 2)
        let many = bytes(chunked + "0\r\na: 1\r\nb: 1\r\nc: 1\r\n\r\n")
        #expect(transcript(many, limits: limits).error?.kind == .fieldsTooLarge)
        let long = bytes(chunked + "0\r\na: " + String(repeating: "1", count: 60))
        #expect(transcript(long, limits: limits).error?.kind == .fieldsTooLarge)
    }

    @Test func chunkExtensions_areBounded_aloneAndTogether() {
        #expect(errorKind(chunked + "1;" + String(repeating: "a", count: 2000)) == .framing)
        let chunk = "1;\(String(repeating: "a", count: 900))\r\nx\r\n"
        #expect(transcript(chunked + String(repeating: chunk, count: 10)).error == nil)
        #expect(errorKind(chunked + String(repeating: chunk, count: 30)) == .framing)
    }

    @Test func requests_followEachOther_inOneRead() {
        let first = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let third = "\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n\r\n"
        let found = transcript(first + chunked + "2\r\nde\r\n0\r\n\r\n" + third)
        #expect(found.error == nil)
        #expect(found.requests.map { String(decoding: $0.body, as: UTF8.self) } == ["abc", "de", ""])
        #expect(found.requests.allSatisfy { $0.isComplete })
        #expect(
            found.requests.first?.head == bytes("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"))
        #expect(found.requests.last?.head == bytes("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    @Test func bytesBehindAHead_areLeftUnread() throws {
        var parser = RequestParser()
        let head = bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        let input = head + [0x81, 0x80, 0, 0, 0, 0]
        var offset = 0
        #expect(parser.isIdle)
        _ = try parser.next(input.span, &offset, limits: HTTPLimits())
        #expect(!parser.isIdle)
        #expect(try parser.next(input.span, &offset, limits: HTTPLimits()) == .end)
        #expect(offset == head.count)
        #expect(parser.isIdle)
    }

    @Test func parser_isIdle_untilARequestBegins() throws {
        var parser = RequestParser()
        for (text, idle) in [("", true), ("\r", true), ("\n", true), ("G", false)] {
            let input = bytes(text)
            var offset = 0
            #expect(try parser.next(input.span, &offset, limits: HTTPLimits()) == nil)
            #expect(offset == input.count)
            #expect(parser.isIdle == idle)
        }
    }
}

/// Bodies that are no chunked coding (RFC 9112 section 7.1).
@Suite struct RequestBodyRefusalTests {
    @Test(arguments: [
        "\r\n", "g\r\n", "0x5\r\n", "-1\r\n", "+1\r\n", " 1\r\nx\r\n", "1 \r\nx\r\n", "1\nx\n", "1\r\r\n",
        "1\rx",
        "1;\r\nx\r\n", "1;a=\r\nx\r\n", "1;a=\"b\r\n", "1;a\nx", "1;a\u{0}\r\n", "1;a=\"\u{1}\"\r\n",
        "1;a=\"b\"c\r\n",
        "1;a b\r\n", "1;a \r\nx\r\n", "1,\r\n", "1\r\nxy\r\n", "1\r\nx\n0\r\n\r\n", "1\r\nx\ry",
        "1\r\nx0\r\n\r\n", "1;a\r\nx\r\n0;b=c;d=\"e;\\\"\r\\r\\n\"\r\n\r\n",
    ])
    func chunk_isRefused_whenItIsMalformed(text: String) {
        #expect(errorKind(chunked + text) == .framing)
    }

    @Test(arguments: ["FFFFFFFFFFFFFFFFF\r\n", "8000000000000000\r\n", "7FFFFFFFFFFFFFFF\r\n", "100001\r\n"])
    func chunk_isRefused_whenItIsTooLarge(text: String) {
        #expect(errorKind(chunked + text) == .contentTooLarge)
    }

    @Test(arguments: ["A : b", " a: b", "a", "a: \u{0}", "a: b\n", "a: b\rc"])
    func trailer_isRefused_whenItIsMalformed(line: String) {
        #expect(errorKind(chunked + "0\r\n\(line)\r\n\r\n") == .syntax)
    }
}
