import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct RequestErrorTests {
    @Test(arguments: [
        "GET /\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/11\r\nHost: a\r\n\r\n", "GET / HTTP/1.1x\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.\r\nHost: a\r\n\r\n", "GET / HTTP/01.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.01\r\nHost: a\r\n\r\n", "GET / HTTP/ 1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2\r\nHost: a\r\n\r\n", "GET HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\u{C}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\u{0}: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r6\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
        "GET / HTTP/1,1\r\nHost: a\r\n\r\n", "GET / HTTP/11.1\r\nHost: a\r\n\r\n",
        "GET / XTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\tb: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1B}b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: b\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}",
    ])
    func request_isRefused_whenItsSyntaxIsWrong(text: String) {
        #expect(errorKind(text) == .syntax)
    }

    @Test(arguments: [
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{E9}?a HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://\u{E9}/?a HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a?\u{E9}:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?\u{E9}# HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b:x/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:/b HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://[] HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func target_isRefused_whenItIsMalformed(text: String) {
        #expect(errorKind(text) == .target)
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x61, 0xE9, 0x62]] as [[UInt8]])
    func query_isRefused_whenItIsNotUTF8(query: [UInt8]) {
        var parser = RequestParser()
        var offset = 0
        let request = bytes("GET /?a=") + query + bytes(" HTTP/1.1\r\nHost: a\r\n\r\n")
        let error = #expect(throws: RequestError.self) {
            _ = try parser.next(request.span, &offset, limits: HTTPLimits())
        }
        #expect(error?.kind == .target)
    }

    @Test(arguments: [
        "", "Host:\r\n", "Host: \t\r\n", "Host: a\r\nHost: a\r\n", "Host: a b\r\n", "Host: a,b\r\n",
        "Host: http://a\r\n", "Host: a/b\r\n",
        "Host: u@a\r\n", "Host: :80\r\n", "Host: a:123456\r\n", "Host: a:8x\r\n", "Host: [::1]x\r\n",
        "Host: a\u{E9}\r\n", "Host: a%\r\n", "Host: a%4\r\n", "Host: a%zz\r\n", "Host: %4g:80\r\n",
        "Host: []\r\n",
        "Host: [1]\r\n", "Host: [:]\r\n", "Host: [:::]\r\n", "Host: [1:]\r\n", "Host: [:1::]\r\n",
        "Host: [::1:]\r\n",
        "Host: [1::2::3]\r\n", "Host: [::1::]\r\n", "Host: [1:2:3]\r\n", "Host: [12345::]\r\n",
        "Host: [::g]\r\n",
        "Host: [1:2:3:4:5:6:7]\r\n", "Host: [1:2:3:4:5:6:7:8:9]\r\n", "Host: [1:2:3:4:5:6:7::8]\r\n",
        "Host: [1:2:3:4:5:6:7:8::]\r\n", "Host: [1.2.3.4]\r\n", "Host: [::1.2.3]\r\n",
        "Host: [::1.2.3.4.5]\r\n",
        "Host: [::01.2.3.4]\r\n", "Host: [::256.1.1.1]\r\n", "Host: [::1.2.3.]\r\n",
        "Host: [::1.2.3.4:5]\r\n",
        "Host: [1:2:3:4:5:6:7:1.2.3.4]\r\n", "Host: [fe80::1%25eth0]\r\n", "Host: [v.a]\r\n",
        "Host: [v1]\r\n",
        "Host: [v1.]\r\n", "Host: [vg.a]\r\n", "Host: [v1.%41]\r\n", "Host: [v1.a/b]\r\n",
    ])
    func host_isRefused_whenItIsMalformed(fields: String) {
        #expect(errorKind("GET / HTTP/1.1\r\n\(fields)\r\n") == .host)
    }

    /// The response to a refused HEAD has no content (RFC 9110 section 9.3.2).
    @Test(arguments: [
        ("HEAD", " / HTTP/1.1\r\n\r\n"), ("HEAD", " / HTTP/2.0\r\n"),
        ("HEAD", " * HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("HEAD", " / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"), ("HEAD", " / HTTP/1.1\r\nX : y\r\n\r\n"),
        ("HEAD", " / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", " /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("HEAD", " / HTTP/1.1\n"),
        ("HEAD", " / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n"),
    ])
    func error_saysWhetherTheMethodIsHEAD(method: String, rest: String) throws {
        #expect(try #require(transcript(method + rest).error).isHead)
        for other in ["GET", "head", "HEADS", "HEAD\t"] {
            #expect(try #require(transcript(other + rest).error).isHead == false, "\(other)")
        }
    }

    @Test func host_mayBeMissingInHTTP10_andEmptyBesideAnAbsoluteTarget() {
        #expect(transcript("GET / HTTP/1.0\r\n\r\n").requests.count == 1)
        #expect(transcript("GET / HTTP/1.0\r\nHost:\r\n\r\n").requests.count == 1)
        #expect(transcript("GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n").requests.count == 1)
        #expect(errorKind("GET http://a/ HTTP/1.1\r\n\r\n") == .host)
        #expect(errorKind("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == .host)
        #expect(errorKind("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == .host)
    }

    @Test(arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/0.0", "HTTP/9.9"])
    func version_isRefused_whenItsMajorDiffers(version: String) {
        let error = transcript("GET / \(version)\r\nHost: a\r\n\r\n").error
        #expect(error?.kind == .version)
        #expect(error?.status == .httpVersionNotSupported)
    }

    @Test func version_isRefused_inThePrefaceOfHTTP2() {
        #expect(errorKind("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .version)
    }

    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n", "Content-Length: 0o5\r\n", "Content-Length: 1_0\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: 5;\r\n", "Content-Length: \"5\"\r\n", "Content-Length: -0\r\n",
        "Content-Length: 5e1\r\n",
        "content-length: 0\r\nCONTENT-LENGTH: 0\r\n",
        "Content-Length: 5 5\r\n", "Content-Length:\r\n", "Content-Length: 5.0\r\n", "Content-Length: ٥\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked,\r\n", "Transfer-Encoding: , chunked\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ])
    func framing_isRefused_whenItIsMalformedOrAmbiguous(fields: String) {
        let error = transcript("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n0\r\n\r\n").error
        #expect(error?.kind == .framing)
        #expect(error?.status == .badRequest)
    }

    @Test(arguments: ["foo", "100-continue, foo", "100-continue=1", "\"100-continue\"", "100 continue"])
    func expectation_isRefused_whenItIsNotContinue(value: String) throws {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nExpect: \(value)\r\nContent-Length: 1\r\n\r\na"
        #expect(transcript(text).error?.status == .expectationFailed)
        // HTTP/1.0 does not know expectations.
        let old = "POST / HTTP/1.0\r\nExpect: \(value)\r\nContent-Length: 1\r\n\r\na"
        #expect(transcript(old).error == nil)
    }

    @Test func transferCoding_isNotImplemented_beforeChunked() {
        let error = transcript("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").error
        #expect(error?.status == .notImplemented)
        let lines = "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        #expect(errorKind("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n") == .transferCoding)
    }

    @Test func chunked_isRefused_inHTTP10() {
        #expect(errorKind("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == .framing)
    }

    @Test func parser_keepsItsError() {
        var parser = RequestParser()
        let bad = bytes("GET / HTTP/1.1\nHost: a\r\n\r\n")
        let good = bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for input in [bad, good, good] {
            var offset = 0
            #expect(throws: RequestError(.syntax, "A line feed has no carriage return before it.")) {
                try parser.next(input.span, &offset, limits: HTTPLimits())
            }
        }
        #expect(!parser.isIdle)
    }

    @Test func parser_readsNothing_whenTheOffsetIsOutside() throws {
        var parser = RequestParser()
        let input = bytes("GET")
        for start in [-1, 4, Int.min, Int.max] {
            var offset = start
            #expect(try parser.next(input.span, &offset, limits: HTTPLimits()) == nil)
        }
    }

    @Test func status_isNamed_forEachKind() {
        let codes = RequestError.Kind.allCases.map { RequestError($0, "").status.code }
        #expect(codes == [400, 400, 400, 400, 413, 414, 417, 431, 501, 505])
    }
}

/// Unusual forms of a request that are accepted.
@Suite struct RequestFormTests {
    /// The addresses have the forms of RFC 3986 section 3.2.2. The examples of RFC 4291 section 2.2 are among them.
    @Test(arguments: [
        "a", "A-b.c_d~", "a%41:80", "!$&'()*+;=", "1.2.3.999", "a:", "[::]", "[::1]:80", "[1::]",
        "[1:2:3:4:5:6:7::]",
        "[::2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", "[2001:DB8:0:0:8:800:200C:417A]", "[FF01::101]", "[1::8]",
        "[1:2::7:8]", "[::13.1.68.3]", "[::FFFF:129.144.52.38]:8080", "[1:2:3:4:5:6:255.0.10.1]",
        "[1::2.3.4.5]",
        "[v1.a]", "[vF0.a:b!]:80",
    ])
    func host_isAccepted_inTheFormsOfRFC3986(host: String) throws {
        #expect(try head("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").authority == host)
        #expect(try head("GET http://\(host)/ HTTP/1.1\r\nHost: a\r\n\r\n").authority == host)
    }

    @Test(arguments: ["HTTP/1.2", "HTTP/1.9"])
    func version_isReadAsHTTP11_whenItsMinorIsHigher(version: String) throws {
        #expect(try head("GET / \(version)\r\nHost: a\r\n\r\n").version == .http11)
        #expect(try head("GET / \(version)\r\nHost: a\r\n\r\n").keepAlive)
        #expect(errorKind("GET / \(version)\r\n\r\n") == .host)
    }

    @Test(arguments: ["100-Continue", "100-continue, ,100-continue", "100-continue\r\nExpect: 100-continue"])
    func expectation_isRead_inEveryFormOfAList(value: String) throws {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nExpect: \(value)\r\nContent-Length: 1\r\n\r\na"
        #expect(try head(text).expectsContinue)
        #expect(transcript(text).error == nil)
        #expect(try !head("GET / HTTP/1.1\r\nHost: a\r\nExpect: \(value)\r\n\r\n").expectsContinue)
    }
}

/// The comparison lets a test expect nil. Heads are compared by their bytes.
extension RequestEvent: Equatable {
    public static func == (left: RequestEvent, right: RequestEvent) -> Bool {
        switch (left, right) {
        case (.head(let one), .head(let two)), (.request(let one), .request(let two)):
            one.bytes == two.bytes
        case (.body(let one), .body(let two)): one == two
        case (.end, .end): true
        case (.head, _), (.request, _), (.body, _), (.end, _): false
        }
    }
}
