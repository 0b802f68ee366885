/// Where a body ends.
extension HTTPCase {
    private static func post(_ lines: String, _ body: String, version: String = "1.1") -> String {
        "POST /test/post HTTP/\(version)\r\nHost: localhost\r\n\(lines)\r\n\(body)"
    }

    private static func length(_ value: String, _ body: String = "hello") -> String {
        post("Content-Length:\(value)\r\n", body)
    }

    private static func coding(_ value: String, _ body: String = "5\r\nhello\r\n0\r\n\r\n") -> String {
        post("Transfer-Encoding:\(value)\r\n", body)
    }

    private static let chunked = "Transfer-Encoding: chunked\r\n"

    static let lengths: [HTTPCase] = [
        .responds("9112 §6.3", "a length", length(" 5"), 200, body: "hello"),
        .responds("9110 §8.6", "a length of 0", length(" 0", ""), 200, body: ""),
        .responds("9110 §8.6", "a length with zeros before it", length(" 005"), 200, body: "hello"),
        .responds("9112 §5.1", "blanks around the length", length("\t 5 \t"), 200, body: "hello"),
        .responds(
            "9112 §6.3", "two bodies behind each other", length(" 5") + length(" 2", "ab"), 200, 200,
            body: "ab"),
        .responds(
            "9112 §6.3", "a request inside of a body",
            length(" 41", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            200, body: "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        .responds(
            "9110 §9.3.1", "a body of GET is read",
            "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 41\r\n\r\n"
                + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        .refused("9112 §6.3", "both framings", post("Content-Length: 5\r\n" + chunked, "0\r\n\r\n")),
        .refused(
            "9112 §6.3", "both framings the other way", post(chunked + "Content-Length: 5\r\n", "0\r\n\r\n")),
        .refused("9112 §6.3", "two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")),
        .refused(
            "9112 §6.3", "one length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
        .refused("9112 §6.3", "a list of one length", length(" 5, 5")),
        .refused("9112 §6.3", "a list of lengths", length(" 5, 6")),
        .refused("9110 §8.6", "a comma behind the length", length(" 5,")),
        .refused("9110 §8.6", "a plus", length(" +5")),
        .refused("9110 §8.6", "a minus", length(" -5")),
        .refused("9110 §8.6", "minus zero", length(" -0")),
        .refused("9110 §8.6", "hexadecimal", length(" 0x5")),
        .refused("9110 §8.6", "octal", length(" 0o5")),
        .refused("9110 §8.6", "an underscore", length(" 1_0")),
        .refused("9110 §8.6", "a fraction", length(" 5.0")),
        .refused("9110 §8.6", "an exponent", length(" 5e0")),
        .refused("9110 §8.6", "two numbers", length(" 5 5")),
        .refused("9110 §8.6", "no number", length(" five")),
        .refused("9110 §8.6", "nothing", length("")),
        .refused("9110 §8.6", "Arabic digits", length(" ٥")),
        .refused("9112 §2.2", "CR in the length", length(" 5\r0")),
        .refused("9112 §5.2", "a folded length", length(" \r\n 5")),
        .refused(
            "9112 §5.1", "a blank before the colon of the length", post("Content-Length : 5\r\n", "hello")),
        .refused("9110 §15.5.14", "a length of 2^63", length(" 9223372036854775808"), 413),
        .refused("9110 §15.5.14", "a length of 2^64 + 5", length(" 18446744073709551621"), 413),
        .refused(
            "9110 §15.5.14", "a length of a hundred digits", length(" " + String(repeating: "9", count: 100)),
            413),
        .refused("9110 §15.5.14", "a length above the limit", length(" 1048577"), 413),
        .refused("9110 §15.5.12", "no length", post("", ""), 411),
        .last("9110 §15.5.12", "no length in HTTP/1.0", post("", "", version: "1.0"), 411),
    ]

    static let codings: [HTTPCase] = [
        .responds("9112 §7.1", "chunked", coding(" chunked"), 200, body: "hello"),
        .responds("9110 §10.1.4", "chunked in other letters", coding(" cHuNkEd"), 200, body: "hello"),
        .responds("9112 §5.1", "blanks around chunked", coding("\t chunked \t"), 200, body: "hello"),
        .refused("9112 §6.1", "a coding before chunked", coding(" gzip, chunked"), 501),
        .refused(
            "9112 §6.1", "a coding on a line before chunked",
            post("Transfer-Encoding: gzip\r\n" + chunked, "0\r\n\r\n"), 501),
        .refused("9112 §6.3", "no chunked", coding(" gzip")),
        .refused("9112 §6.3", "chunked before another", coding(" chunked, gzip")),
        .refused("9112 §6.3", "identity", coding(" identity")),
        .refused("9112 §6.3", "chunked, identity", coding(" chunked, identity")),
        .refused("9112 §6.1", "chunked twice", coding(" chunked, chunked")),
        .refused("9112 §6.1", "chunked on two lines", post(chunked + chunked, "0\r\n\r\n")),
        .refused("9112 §6.3", "xchunked", coding(" xchunked")),
        .refused("9112 §6.3", "chunkedx", coding(" chunkedx")),
        .refused("9112 §6.3", "quoted", coding(" \"chunked\"")),
        .refused("9112 §6.3", "with a parameter", coding(" chunked;a=b")),
        .refused("9112 §6.3", "nothing", coding("")),
        .refused("9112 §6.3", "a comma before it", coding(" ,chunked")),
        .refused("9112 §6.3", "a comma behind it", coding(" chunked,")),
        .refused("9110 §5.5", "a vertical tab before it", coding(" \u{B}chunked")),
        .refused("9110 §5.5", "a form feed behind it", coding(" chunked\u{C}")),
        .refused("9110 §5.5", "NUL behind it", coding(" chunked\u{0}")),
        .refused("9112 §5.2", "folded", coding("\r\n chunked")),
        .refused(
            "9112 §5.1", "a blank before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        .refused("9112 §6.1", "chunked in HTTP/1.0", post(chunked, "0\r\n\r\n", version: "1.0")),
        .refused(
            "9112 §5.1", "a name with an underscore leaves no length",
            post("Transfer_Encoding: chunked\r\n", ""), 411),
    ]

    static let chunks: [HTTPCase] =
        good.map { name, body, expected in
            .responds("9112 §7.1", name, post(chunked, body), 200, body: expected)
        }
        + bad.map { name, body in .refused("9112 §7.1", name, post(chunked, body)) } + tooMuch

    private static let good: [(String, String, String)] = [
        ("no chunk", "0\r\n\r\n", ""),
        ("two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        ("a size in capitals", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("a size in small letters", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("zeros before the size", "0000000000000000003\r\nabc\r\n000\r\n\r\n", "abc"),
        ("line ends in a chunk", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
        ("the last chunk in a chunk", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
        ("an extension", "3;a\r\nabc\r\n0\r\n\r\n", "abc"),
        ("an extension with a value", "3;a=b;c=\"d;\\\"e\"\r\nabc\r\n0;f\r\n\r\n", "abc"),
        ("blanks around an extension", "3 ;\ta = b\r\nabc\r\n0\r\n\r\n", "abc"),
        ("trailers", "3\r\nabc\r\n0\r\nX-A: a\r\nX-B:\r\n\r\n", "abc"),
        (
            "trailers that would frame",
            "3\r\nabc\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: x\r\n\r\n", "abc"
        ),
        (
            "trailers that would route", "3\r\nabc\r\n0\r\nHost: evil\r\nAuthorization: Bearer x\r\n\r\n",
            "abc"
        ),
    ]

    private static let bad: [(String, String)] = [
        ("no size", "\r\nabc\r\n0\r\n\r\n"), ("a size that is no number", "x\r\nabc\r\n0\r\n\r\n"),
        ("a plus", "+3\r\nabc\r\n0\r\n\r\n"), ("a minus", "-3\r\nabc\r\n0\r\n\r\n"),
        ("0x", "0x3\r\nabc\r\n0\r\n\r\n"), ("an underscore", "0_3\r\nabc\r\n0\r\n\r\n"),
        ("a blank before the size", " 3\r\nabc\r\n0\r\n\r\n"),
        ("a blank behind it", "3 \r\nabc\r\n0\r\n\r\n"),
        ("a tab behind it", "3\t\r\nabc\r\n0\r\n\r\n"), ("a comma", "3,\r\nabc\r\n0\r\n\r\n"),
        ("a size that ends with LF", "3\nabc\r\n0\r\n\r\n"),
        ("a size that ends with CR", "3\rabc\r\n0\r\n\r\n"),
        ("data that ends with LF", "3\r\nabc\n0\r\n\r\n"), ("data that ends with CR", "3\r\nabc\r0\r\n\r\n"),
        ("data without its end", "3\r\nabc0\r\n\r\n"), ("more data than its size", "3\r\nabcd\r\n0\r\n\r\n"),
        ("a semicolon alone", "3;\r\nabc\r\n0\r\n\r\n"),
        ("an extension without a name", "3;=a\r\nabc\r\n0\r\n\r\n"),
        ("an extension without a value", "3;a=\r\nabc\r\n0\r\n\r\n"),
        ("LF in an extension", "3;a\nabc\r\n0\r\n\r\n"), ("CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
        ("LF in a quoted extension", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"),
        ("CR in a quoted extension", "3;a=\"\r\"\r\nabc\r\n0\r\n\r\n"),
        ("NUL in an extension", "3;a\u{0}\r\nabc\r\n0\r\n\r\n"),
        ("an open quote", "3;a=\"b\r\nabc\r\n0\r\n\r\n"),
        ("an endless extension", "3;" + a(20_000)), ("a last chunk that ends with LF", "0\n\r\n"),
        ("a body that ends with LF", "0\r\n\n"), ("a trailer without a colon", "0\r\nX-A\r\n\r\n"),
        ("a blank before a trailer's colon", "0\r\nX-A : a\r\n\r\n"),
        ("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
        ("LF in a trailer", "0\r\nX-A: a\nX-B: b\r\n\r\n"), ("NUL in a trailer", "0\r\nX-A: \u{0}\r\n\r\n"),
    ]

    private static let tooMuch: [HTTPCase] = [
        .refused("9112 §7.1", "a size of 17 digits", post(chunked, "FFFFFFFFFFFFFFFFF\r\n"), 413),
        .refused("9112 §7.1", "a size of 2^63", post(chunked, "8000000000000000\r\n"), 413),
        .refused("9110 §15.5.14", "a chunk above the limit", post(chunked, "100001\r\n"), 413),
        .refused(
            "6585 §5", "101 trailers", post(chunked, "0\r\n" + String(repeating: "X: a\r\n", count: 101)), 431
        ),
        .refused("6585 §5", "a long trailer", post(chunked, "0\r\nX: " + a(33_000)), 431),
    ]
}
