/// The request line and the bytes before it.
extension HTTPCase {
    private static let host = "Host: localhost\r\n"
    private static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// A request line with a valid head behind it.
    private static func line(_ line: String) -> String { line + "\r\n" + host + "\r\n" }

    private static func version(_ version: String) -> String { line("GET /health " + version) }

    static let requestLines: [HTTPCase] = [
        .responds("9112 §3", "a request", get, 200, fields: ["Content-Type": "application/json"]),
        .responds("9112 §9.3.2", "three pipelined requests", get + get + get, 200, 200, 200),
        .responds("9112 §2.2", "an empty line before the request", "\r\n" + get, 200),
        .responds("9112 §2.2", "empty lines between requests", get + "\r\n" + get + "\r\n", 200, 200),
        .refused("9112 §2.2", "empty lines without end", String(repeating: "\r\n", count: 40)),
        .refused("9112 §2.2", "a line feed before the request", "\n" + get),
        .refused("9112 §2.2", "a blank before the request", " " + get),
        .refused("9112 §2.2", "a request line that ends with LF", "GET /health HTTP/1.1\n" + host + "\r\n"),
        .refused("9112 §2.2", "a request line that ends with CR", "GET /health HTTP/1.1\r" + host + "\r\n"),
        .refused("9112 §2.2", "all lines end with LF", "GET /health HTTP/1.1\nHost: localhost\n\n"),
        .refused("9112 §2.2", "CR CR LF", "GET /health HTTP/1.1\r\r\n" + host + "\r\n"),
        .refused(
            "9112 §2.2", "a blank line before the fields", "GET /health HTTP/1.1\r\n \r\n" + host + "\r\n"),
        .refused(
            "9112 §2.2", "a blank before the first field", "GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        .refused("9112 §3", "two blanks behind the method", line("GET  /health HTTP/1.1")),
        .refused("9112 §3", "two blanks behind the target", line("GET /health  HTTP/1.1")),
        .refused("9112 §3", "tabs between the parts", line("GET\t/health\tHTTP/1.1")),
        .refused("9112 §3", "a blank at the end", line("GET /health HTTP/1.1 ")),
        .refused("9112 §3", "a vertical tab between the parts", line("GET\u{B}/health HTTP/1.1")),
        .refused("9112 §3", "no target", line("GET HTTP/1.1")),
        .refused("9112 §3", "no version", line("GET /health")),
        .refused("9112 §3", "HTTP/0.9", "GET /health\r\n"),
        .refused("9112 §3", "only a method", line("GET")),
        .refused("9112 §3", "a request line longer than 8 KiB", line("GET /" + a(8_192) + " HTTP/1.1"), 414),
        .responds("9112 §3", "a request line of 8 KiB", line("GET /" + a(8_178) + " HTTP/1.1"), 404),
        .refused("9112 §3", "a method without end", a(9_000), 414),
        .refused("9112 §3", "a status line", "HTTP/1.1 200 OK\r\n\r\n"),
        .refused("9112 §2.3", "HTTP/1.1x", version("HTTP/1.1x")),
        .refused("9112 §2.3", "HTTP/1.10", version("HTTP/1.10")),
        .refused("9112 §2.3", "HTTP/01.1", version("HTTP/01.1")),
        .refused("9112 §2.3", "HTTP/1", version("HTTP/1")),
        .refused("9112 §2.3", "HTTP/1.", version("HTTP/1.")),
        .refused("9112 §2.3", "HTTP/1,1", version("HTTP/1,1")),
        .refused("9112 §2.3", "http/1.1", version("http/1.1")),
        .refused("9112 §2.3", "HTTPS/1.1", version("HTTPS/1.1")),
        .refused("9112 §2.3", "HTTP /1.1", version("HTTP /1.1")),
        .refused("9112 §2.3", "another protocol", version("SIP/2.0")),
        .responds("9110 §2.5", "HTTP/1.2 is read as HTTP/1.1", version("HTTP/1.2"), 200),
        .responds("9110 §2.5", "HTTP/1.9 is read as HTTP/1.1", version("HTTP/1.9"), 200),
        .refused("9110 §15.6.6", "HTTP/2.0", version("HTTP/2.0"), 505),
        .refused("9110 §15.6.6", "HTTP/3.0", version("HTTP/3.0"), 505),
        .refused("9110 §15.6.6", "HTTP/0.9 with its name", version("HTTP/0.9"), 505),
        .refused("9113 §3.4", "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        HTTPCase(
            section: "8446 §4.1.2", name: "the hello of TLS",
            bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03], statuses: [400],
            after: .ends),
        HTTPCase(
            section: "9112 §3", name: "bytes that are no text", bytes: [0xFF, 0xFE, 0x00, 0x80, 0x0D, 0x0A],
            statuses: [400], after: .ends),
    ]

    static let targets: [HTTPCase] = [
        .responds("9112 §3.2.1", "a query", line("GET /health?a=b&c HTTP/1.1"), 200),
        .responds("9112 §3.2.1", "an empty query", line("GET /health? HTTP/1.1"), 200),
        .responds(
            "9112 §3.2.2", "the absolute form", line("GET http://elsewhere.example/health HTTP/1.1"), 200),
        .responds("9110 §4.2", "a scheme in capitals", line("GET HTTP://elsewhere/health HTTP/1.1"), 200),
        .refused("9112 §3.2.2", "an absolute form of another scheme", line("GET ftp://a/health HTTP/1.1")),
        .refused("9110 §4.2.1", "an absolute form without a host", line("GET http:///health HTTP/1.1")),
        .refused("9110 §4.2.4", "an absolute form with a user", line("GET http://me@a/health HTTP/1.1")),
        .refused("9112 §3.2", "an absolute form with a bad port", line("GET http://a:x/ HTTP/1.1")),
        .refused("9112 §3.2", "no slash", line("GET health HTTP/1.1")),
        .refused("9112 §3.2", "a fragment", line("GET /health#a HTTP/1.1")),
        .refused("9112 §3.2", "a blank in the target", line("GET /health a HTTP/1.1")),
        .refused("9112 §3.2", "NUL in the target", line("GET /health\u{0} HTTP/1.1")),
        .refused("9112 §3.2", "a control in the target", line("GET /health\u{1} HTTP/1.1")),
        .refused("9112 §3.2", "DEL in the target", line("GET /health\u{7F} HTTP/1.1")),
        .refused("9112 §3.2", "UTF-8 in the path", line("GET /hé HTTP/1.1")),
        .responds("9112 §3.2", "UTF-8 in the query", line("GET /health?é=€ HTTP/1.1"), 200),
        .refused("9112 §3.2.4", "the asterisk for GET", line("GET * HTTP/1.1")),
        .refused("9112 §3.2.3", "CONNECT with a path", line("CONNECT / HTTP/1.1")),
        .refused("9112 §3.2.3", "CONNECT without a port", line("CONNECT localhost HTTP/1.1")),
        .responds("3986 §6.2.2.2", "an encoded letter", line("GET /he%61lth HTTP/1.1"), 200),
        .responds(
            "3986 §2.4", "what is encoded twice is decoded once", line("GET /he%2561lth HTTP/1.1"), 404),
        .responds("3986 §2.2", "an encoded slash is no slash", line("GET /%2Fhealth HTTP/1.1"), 404),
        .responds("3986 §3.3", "an empty segment is one", line("GET //health HTTP/1.1"), 404),
        .responds("3986 §3.3", "a slash at the end is one", line("GET /health/ HTTP/1.1"), 404),
        .responds("3986 §3.3", "two dots", line("GET /a/../health HTTP/1.1"), 400),
        .responds("3986 §3.3", "one dot", line("GET /./health HTTP/1.1"), 400),
        .responds("3986 §3.3", "encoded dots", line("GET /a/%2e%2E/health HTTP/1.1"), 400),
        .responds("3986 §3.3", "a half encoded dot segment", line("GET /a/.%2e/health HTTP/1.1"), 400),
        .responds("3986 §2.1", "an escape that is none", line("GET /%zz HTTP/1.1"), 400),
        .responds("3986 §2.1", "an escape that is cut", line("GET /a%2 HTTP/1.1"), 400),
        .responds("3986 §2.1", "an encoded NUL", line("GET /health%00 HTTP/1.1"), 400),
        .responds("3986 §2.1", "an encoded line end", line("GET /%0d%0aX:%20y HTTP/1.1"), 400, lacks: ["X"]),
        .responds("3629 §3", "an overlong encoding", line("GET /%c0%ae%c0%ae/ HTTP/1.1"), 400),
        .responds("3986 §2", "a backslash", line("GET /..\\health HTTP/1.1"), 400),
    ]

    /// A long name.
    static func a(_ count: Int) -> String { String(repeating: "a", count: count) }
}
