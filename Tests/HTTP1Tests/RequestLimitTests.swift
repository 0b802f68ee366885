import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct RequestLimitTests {
    private let limits = HTTPLimits(requestLineBytes: 40, headerBytes: 60, headerCount: 3, bodyBytes: 10)

    private func error(_ text: String, location: SourceLocation = #_sourceLocation) -> RequestError? {
        transcript(bytes(text), limits: limits, location: location).error
    }

    @Test func requestLine_isRefused_oneByteBeyondItsLimit() {
        let target = "/" + String(repeating: "a", count: 40 - "GET / HTTP/1.1".count)
        #expect(error("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(error("GET \(target)b HTTP/1.1\r\nHost: a\r\n\r\n")?.status == .uriTooLong)
    }

    @Test func requestLine_isRefused_beforeItsEndArrives() {
        #expect(error(String(repeating: "a", count: 40)) == nil)
        #expect(error(String(repeating: "a", count: 41))?.status == .uriTooLong)
    }

    @Test func fields_areRefused_oneByteBeyondTheirLimit() {
        let value = String(repeating: "b", count: 60 - "Host: a\r\nX: \r\n".utf8.count)
        #expect(error("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n") == nil)
        let status = error("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)c\r\n\r\n")?.status
        #expect(status == .requestHeaderFieldsTooLarge)
    }

    @Test func fields_areRefused_beforeTheirEndArrives() {
        let long = String(repeating: "x", count: 70)
        #expect(error("GET / HTTP/1.1\r\n\(long)")?.status == .requestHeaderFieldsTooLarge)
    }

    @Test func fields_areCounted() {
        #expect(error("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 1\r\n\r\n") == nil)
        let status = error("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n")?.status
        #expect(status == .requestHeaderFieldsTooLarge)
    }

    @Test func defaults_areTheDocumentedOnes() {
        let host = "Host: a\r\n"
        let fields = String(repeating: "X: y\r\n", count: 99)
        #expect(transcript("GET / HTTP/1.1\r\n\(host)\(fields)\r\n").error == nil)
        #expect(transcript("GET / HTTP/1.1\r\n\(host)\(fields)Z: y\r\n\r\n").error?.kind == .fieldsTooLarge)
        let long = String(repeating: "a", count: 8192 - 14)
        #expect(transcript("GET /\(long) HTTP/1.1\r\n\(host)\r\n").error == nil)
        #expect(transcript("GET /\(long)a HTTP/1.1\r\n\(host)\r\n").error?.kind == .targetTooLong)
        let value = String(repeating: "v", count: 32768 - 14)
        #expect(transcript("GET / HTTP/1.1\r\n\(host)X: \(value)\r\n\r\n").error == nil)
        #expect(transcript("GET / HTTP/1.1\r\n\(host)X: \(value)v\r\n\r\n").error?.kind == .fieldsTooLarge)
    }

    @Test func body_isRefused_oneByteBeyondItsLimit() {
        #expect(error("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789") == nil)
        #expect(
            error("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n0")?.status == .contentTooLarge)
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let wide = HTTPLimits(bodyBytes: 10)
        #expect(
            transcript(bytes(chunked + "5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n"), limits: wide).error == nil)
        let kind = transcript(bytes(chunked + "5\r\n01234\r\n6\r\n"), limits: wide).error?.kind
        #expect(kind == .contentTooLarge)
    }

    @Test(arguments: ["9223372036854775808", "99999999999999999999999999999999"])
    func contentLength_isTooLarge_whenItDoesNotFitInAnInteger(length: String) {
        #expect(
            errorKind("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n") == .contentTooLarge)
    }

    @Test func limitBody_replacesTheLimitOfOneRequest() throws {
        var parser = RequestParser()
        let small = HTTPLimits(bodyBytes: 2)
        let input = bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        var offset = 0
        parser.limitBody(to: 3)
        _ = try parser.next(input.span, &offset, limits: small)
        parser.limitBody(to: 3)
        let body = try parser.next(input.span, &offset, limits: small)
        #expect(body == .body((input.count - 3)..<input.count))
        #expect(try parser.next(input.span, &offset, limits: small) == .end)
        offset = 0
        _ = try parser.next(input.span, &offset, limits: small)
        #expect(throws: RequestError(.contentTooLarge, "The body is too large.")) {
            try parser.next(input.span, &offset, limits: small)
        }
    }

    @Test func parser_isSmall_betweenRequests() {
        // Each of ten thousand idle connections keeps a parser.
        #expect(MemoryLayout<RequestParser>.size <= 16)
    }

    @Test func parser_isAValue_alsoInsideAMessage() throws {
        let text = bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        for cut in 1..<text.count {
            var parser = RequestParser()
            try Self.drain(text[..<cut], &parser)
            var copy = parser
            try Self.drain(text[cut...], &copy)
            #expect(copy.isIdle)
            try Self.drain(text[cut...], &parser)
            #expect(parser.isIdle)
        }
    }

    private static func drain(_ bytes: ArraySlice<UInt8>, _ parser: inout RequestParser) throws(RequestError)
    {
        var offset = 0
        let input = Array(bytes)
        while try parser.next(input.span, &offset, limits: HTTPLimits()) != nil {}
    }

    @Test func negativeLimits_refuse_withoutATrap() {
        let none = HTTPLimits(requestLineBytes: -1, headerBytes: -1, headerCount: -1, bodyBytes: -1)
        #expect(
            transcript(bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), limits: none).error?.kind == .targetTooLong
        )
        let huge = HTTPLimits(
            requestLineBytes: .max, headerBytes: .max, headerCount: .max, bodyBytes: .max)
        #expect(transcript(bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), limits: huge).error == nil)
    }
}
