/// Host and the other field lines.
extension HTTPCase {
    /// A request with these lines and no others.
    private static func bare(_ lines: String, target: String = "/health", version: String = "1.1") -> String {
        "GET \(target) HTTP/\(version)\r\n\(lines)\r\n"
    }

    /// A request with `Host` and these lines.
    private static func with(_ lines: String) -> String { bare("Host: localhost\r\n" + lines) }

    static let hosts: [HTTPCase] = [
        .refused("9112 §3.2", "no Host", bare("")),
        .refused("9112 §3.2", "no Host in HTTP/1.2", bare("", version: "1.2")),
        .refused(
            "9112 §3.2", "no Host beside the absolute form", bare("", target: "http://localhost/health")),
        .refused("9112 §3.2", "two Hosts", bare("Host: localhost\r\nHost: localhost\r\n")),
        .refused("9112 §3.2", "two Hosts of different case", bare("Host: a\r\nhOST: b\r\n")),
        .refused("9112 §3.2", "two Hosts in HTTP/1.0", bare("Host: a\r\nHost: a\r\n", version: "1.0")),
        .refused("9110 §4.2.1", "an empty Host", bare("Host:\r\n")),
        .refused("9110 §7.2", "a Host with a blank", bare("Host: a b\r\n")),
        .refused("9110 §7.2", "a list of Hosts", bare("Host: a, b\r\n")),
        .refused("9110 §7.2", "a Host with a path", bare("Host: a/b\r\n")),
        .refused("9110 §7.2", "a Host with a user", bare("Host: me@a\r\n")),
        .refused("9110 §7.2", "a Host with a scheme", bare("Host: http://a\r\n")),
        .refused("9110 §7.2", "only a port", bare("Host: :80\r\n")),
        .refused("9110 §7.2", "a port that is no number", bare("Host: a:http\r\n")),
        .refused("9110 §7.2", "a literal without its bracket", bare("Host: [::1\r\n")),
        .refused("3986 §3.2.2", "a Host with a broken escape", bare("Host: a%4\r\n")),
        .refused("3986 §3.2.2", "an IPv6 literal of three groups", bare("Host: [1:2:3]\r\n")),
        .refused("3986 §3.2.2", "an IPv6 literal shortened twice", bare("Host: [1::2::3]\r\n")),
        .refused("3986 §3.2.2", "an IPv4 address in brackets", bare("Host: [1.2.3.4]\r\n")),
        .refused(
            "3986 §3.2.2", "an absolute target with a broken literal",
            bare("Host: localhost\r\n", target: "http://[:::]/health")),
        .refused("9110 §7.2", "UTF-8 in Host", bare("Host: hé\r\n")),
        .responds("9110 §7.2", "a Host with a port", bare("Host: localhost:8080\r\n"), 200),
        .responds("9110 §7.2", "an IPv6 literal", bare("Host: [::1]:80\r\n"), 200),
        .responds("9110 §5.1", "a Host in capitals", bare("HOST: localhost\r\n"), 200),
        .responds("9112 §5.1", "a Host without a blank", bare("Host:localhost\r\n"), 200),
        .responds("9112 §5.1", "a Host between tabs", bare("Host:\t localhost \t\r\n"), 200),
    ]

    static let fieldLines: [HTTPCase] = [
        .refused("9112 §5.1", "a blank before the colon", with("X-A : a\r\n")),
        .refused("9112 §5.1", "a tab before the colon", with("X-A\t: a\r\n")),
        .refused("9112 §5.1", "no name", with(": a\r\n")),
        .refused("9112 §5.1", "no colon", with("X-A\r\n")),
        .refused("9112 §5.2", "a folded line", with("X-A: a\r\n b\r\n")),
        .refused("9112 §5.2", "a line folded by a tab", with("X-A: a\r\n\tb\r\n")),
        .refused("9112 §5.2", "a folded empty line", with("X-A: a\r\n \r\n")),
        .refused("9110 §5.6.2", "a parenthesis in a name", with("X(A): a\r\n")),
        .refused("9110 §5.6.2", "UTF-8 in a name", with("X-é: a\r\n")),
        .refused("9110 §5.6.2", "NUL in a name", with("X\u{0}: a\r\n")),
        .refused("9110 §5.6.2", "a quote in a name", with("\"X\": a\r\n")),
        .refused("9110 §5.5", "NUL in a value", with("X-A: a\u{0}b\r\n")),
        .refused("9110 §5.5", "a control in a value", with("X-A: a\u{1}b\r\n")),
        .refused("9110 §5.5", "escape in a value", with("X-A: a\u{1B}[31m\r\n")),
        .refused("9110 §5.5", "DEL in a value", with("X-A: a\u{7F}b\r\n")),
        .refused("9110 §5.5", "a vertical tab in a value", with("X-A: a\u{B}b\r\n")),
        .refused("9112 §2.2", "CR in a value", with("X-A: a\rb\r\n")),
        .refused("9112 §2.2", "CR at the end of a value", with("X-A: a\r\r\n")),
        .refused("9112 §2.2", "LF in a value", with("X-A: a\nX-B: b\r\n")),
        .refused("9112 §2.2", "LF at the end of the head", "GET /health HTTP/1.1\r\nHost: localhost\r\n\n"),
        .refused("9112 §2.2", "CR at the end of the head", "GET /health HTTP/1.1\r\nHost: localhost\r\n\rX"),
        .responds("9110 §5.5", "a tab in a value", with("X-A: a\tb\r\n"), 200),
        .responds("9110 §5.5", "UTF-8 in a value", with("X-A: é\r\n"), 200),
        .responds("9110 §5.5", "an empty value", with("X-A:\r\nX-B: \t \r\n"), 200),
        .responds("9110 §5.6.2", "every character of a token", with("!#$%&'*+-.^_`|~09aZ: a\r\n"), 200),
        HTTPCase(
            section: "9110 §5.5", name: "obs-text in a value",
            bytes: Array("GET /health HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [
                0x80, 0xFF, 0xC0, 0x0D, 0x0A, 0x0D, 0x0A,
            ],
            statuses: [200], after: .lives),
        .refused("6585 §5", "a field longer than all may be", with("X-A: \(a(32_768))\r\n"), 431),
        .refused("6585 §5", "a name without end", with(a(33_000)), 431),
        .refused("6585 §5", "101 fields", with(String(repeating: "X: a\r\n", count: 100)), 431),
        .responds("6585 §5", "100 fields", with(String(repeating: "X: a\r\n", count: 99)), 200),
        .refused(
            "6585 §5", "fields that are long together",
            with(String(repeating: "X: \(a(1_000))\r\n", count: 33)), 431),
        .responds(
            "contract", "a request id that is sane is given back", with("X-Request-Id: a-1\r\n"), 200,
            fields: ["X-Request-Id": "a-1"]),
    ]
}
