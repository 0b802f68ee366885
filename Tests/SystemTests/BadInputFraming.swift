import HarborFleetTesting

/// Bytes that are no HTTP/1.1 request, or that could be read as two different requests.
extension BadRequest {
    static let framing: [BadRequest] = lengths + codings + hosts + versions + lines

    private static let lengths: [BadRequest] = [
        framed("both lengths", "Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
        framed("two different lengths", "Content-Length: 2", "Content-Length: 3", body: "{}"),
        framed("one length twice", "Content-Length: 2", "Content-Length: 2", body: "{}"),
        framed("a list of lengths", "Content-Length: 2, 2", body: "{}"),
        framed("a negative length", "Content-Length: -2", body: "{}"),
        framed("a length with a plus", "Content-Length: +2", body: "{}"),
        framed("a hexadecimal length", "Content-Length: 0x2", body: "{}"),
        framed("an empty length", "Content-Length:", body: "{}"),
        BadRequest(
            "a length beyond counting", .contentTooLarge,
            text:
                "POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(String(repeating: "9", count: 30))\r\n\r\n"
        ),
    ]

    private static let codings: [BadRequest] = [
        framed("a coding that does not end with chunked", "Transfer-Encoding: gzip"),
        framed("chunked twice", "Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n"),
        framed("chunked before another", "Transfer-Encoding: chunked, gzip", body: "0\r\n\r\n"),
        framed("a coding that is no token", "Transfer-Encoding: \u{0B}chunked", body: "0\r\n\r\n"),
        framed("an empty coding", "Transfer-Encoding:", body: "0\r\n\r\n"),
        framed("a chunk size that is no number", chunks: "xyz\r\n{}\r\n0\r\n\r\n"),
        framed("a negative chunk size", chunks: "-2\r\n{}\r\n0\r\n\r\n"),
        framed("a chunk size with 0x", chunks: "0x2\r\n{}\r\n0\r\n\r\n"),
        framed("a chunk size with a blank", chunks: "2 \r\n{}\r\n0\r\n\r\n"),
        framed("a chunk that is longer than its size", chunks: "2\r\n{} \r\n0\r\n\r\n"),
        framed("a chunk line that ends with LF", chunks: "2\n{}\r\n0\r\n\r\n"),
        framed("a trailer that is none", chunks: "0\r\nno trailer\r\n\r\n"),
        BadRequest(
            "a coding that is not known", .init(status: 501, kind: "not-implemented"),
            text: post(["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n")),
        BadRequest(
            "a chunk size beyond counting", .contentTooLarge,
            text: post(["Transfer-Encoding: chunked"], "FFFFFFFFFFFFFFFFF\r\n")),
        BadRequest(
            "chunked in HTTP/1.0", .badRequest,
            text: "POST /session HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ]

    private static let hosts: [BadRequest] = [
        BadRequest("no Host", .badRequest, text: "GET /health HTTP/1.1\r\n\r\n"),
        BadRequest("two Hosts", .badRequest, text: "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        BadRequest("a Host with a blank", .badRequest, text: "GET /health HTTP/1.1\r\nHost: a b\r\n\r\n"),
        BadRequest("a Host with a path", .badRequest, text: "GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        BadRequest("a Host with a user", .badRequest, text: "GET /health HTTP/1.1\r\nHost: me@a\r\n\r\n"),
        BadRequest("a port that is none", .badRequest, text: "GET /health HTTP/1.1\r\nHost: a:http\r\n\r\n"),
    ]

    private static let versions: [BadRequest] = [
        BadRequest("HTTP/2.0", unknownVersion, text: "GET /health HTTP/2.0\r\nHost: a\r\n\r\n"),
        BadRequest("the preface of HTTP/2", unknownVersion, text: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        BadRequest("HTTP/0.9", .badRequest, text: "GET /health\r\n\r\n"),
        BadRequest("a version of two digits", .badRequest, text: "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
        BadRequest("a version in small letters", .badRequest, text: "GET / http/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("another protocol", .badRequest, text: "GET / SIP/2.0\r\nHost: a\r\n\r\n"),
        BadRequest("the hello of TLS", .badRequest) { _ in
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]
        },
    ]

    private static let unknownVersion = Response(status: 505, kind: "http-version-not-supported")

    private static let lines: [BadRequest] = [
        BadRequest("lines that end with LF", .badRequest, text: "GET /health HTTP/1.1\nHost: a\n\n"),
        BadRequest("a CR alone", .badRequest, text: "GET /health HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
        BadRequest("NUL in a field", .badRequest, text: head("X-A: a\u{0}b")),
        BadRequest("a control character in a field", .badRequest, text: head("X-A: a\u{1}b")),
        BadRequest("NUL in the target", .badRequest, text: "GET /hea\u{0}lth HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("a folded field", .badRequest, text: head("X-A: a\r\n b")),
        BadRequest("a blank before the colon", .badRequest, text: head("X-A : a")),
        BadRequest("a field without a name", .badRequest, text: head(": a")),
        BadRequest("a field without a colon", .badRequest, text: head("X-A")),
        BadRequest("a field name that is no token", .badRequest, text: head("X(A): a")),
        BadRequest("a blank before the first field", .badRequest, text: "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        BadRequest("two blanks", .badRequest, text: "GET  /health HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("a blank in the target", .badRequest, text: "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("a fragment", .badRequest, text: "GET /health#a HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("a target without a slash", .badRequest, text: "GET health HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("raw UTF-8 in the target", .badRequest, text: "GET /ü HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("a method that is no token", .badRequest, text: "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        BadRequest("empty lines without end", .badRequest, text: String(repeating: "\r\n", count: 20)),
    ]

    private static func head(_ line: String) -> String {
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\(line)\r\n\r\n"
    }

    private static func post(_ fields: [String], _ body: String) -> String {
        let lines = ["POST /session HTTP/1.1", "Host: localhost", "Content-Type: application/json"] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func framed(_ name: String, _ fields: String..., body: String = "") -> BadRequest {
        BadRequest(name, .badRequest, text: post(fields, body))
    }

    private static func framed(_ name: String, chunks: String) -> BadRequest {
        BadRequest(name, .badRequest, text: post(["Transfer-Encoding: chunked"], chunks))
    }
}
