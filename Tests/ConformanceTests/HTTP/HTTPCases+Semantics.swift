/// Methods, and the end of the connection.
extension HTTPCase {
    private static func ask(
        _ method: String, _ path: String = "/health", _ lines: String = "", version: String = "1.1"
    )
        -> String
    {
        "\(method) \(path) HTTP/\(version)\r\nHost: localhost\r\n\(lines)\r\n"
    }

    private static let allow = ["Allow": "GET, HEAD, OPTIONS"]

    static let methods: [HTTPCase] = [
        .responds(
            "9110 §9.3.2", "HEAD", ask("HEAD"), 200, fields: ["Content-Type": "application/json"], body: ""),
        .responds("9110 §9.3.2", "HEAD of nothing", ask("HEAD", "/nothing"), 404, body: ""),
        .responds(
            "9110 §9.3.7", "OPTIONS", ask("OPTIONS"), 204, fields: allow, lacks: ["Content-Length"], body: ""),
        .responds(
            "9110 §9.3.7", "OPTIONS of the server", ask("OPTIONS", "*"), 204, lacks: ["Content-Length"]),
        .responds("9110 §9.3.7", "OPTIONS of nothing", ask("OPTIONS", "/nothing"), 404),
        .responds(
            "9110 §15.5.6", "POST", ask("POST", "/health", "Content-Length: 0\r\n"), 405, fields: allow),
        .responds(
            "9110 §15.5.6", "PUT", ask("PUT", "/health", "Content-Length: 2\r\n") + "hi", 405, fields: allow),
        .responds(
            "9110 §15.5.6", "PATCH", ask("PATCH", "/health", "Content-Length: 0\r\n"), 405, fields: allow),
        .responds("9110 §15.5.6", "DELETE", ask("DELETE"), 405, fields: allow),
        .responds(
            "9110 §9.3.8", "TRACE says nothing back", ask("TRACE", "/health", "X-Secret: s\r\n"), 405,
            fields: allow),
        .responds(
            "9110 §15.5.6", "GET where only POST is", ask("GET", "/test/post"), 405,
            fields: ["Allow": "OPTIONS, POST"]),
        .refused("9110 §15.6.2", "an unknown method", ask("BREW"), 501),
        .refused("9110 §15.6.2", "the same where nothing is", ask("BREW", "/nothing"), 501),
        .refused("9110 §9.1", "methods have a case", ask("get"), 501),
        .refused("9110 §9.3.6", "CONNECT", ask("CONNECT", "localhost:80"), 501),
        .refused("9110 §9.1", "a method that is no token", ask("G(T")),
        .responds("9110 §15.5.5", "nothing there", ask("GET", "/nothing"), 404),
        .responds(
            "9110 §15.5.22", "a WebSocket without an upgrade", ask("GET", "/test/echo"), 426,
            fields: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Connection": "upgrade"]),
        .responds(
            "9110 §7.8", "an upgrade to another protocol",
            ask("GET", "/health", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 200, lacks: ["Upgrade"]),
        .responds(
            "9110 §15.5.16", "a media type that is not accepted",
            ask("POST", "/session", "Content-Type: text/plain\r\nContent-Length: 2\r\n") + "{}", 415),
        .refused("9110 §15.5.18", "an unknown expectation", ask("GET", "/health", "Expect: tea\r\n"), 417),
        .refused(
            "9110 §15.5.18", "one more than 100-continue",
            ask("POST", "/test/post", "Content-Length: 1\r\nExpect: 100-continue, tea\r\n") + "a", 417),
        .responds(
            "9110 §10.1.1", "100-continue without a body", ask("GET", "/health", "Expect: 100-continue\r\n"),
            200),
        .responds(
            "9110 §13.1.2", "If-None-Match: *", ask("GET", "/api/v1/openapi.json", "If-None-Match: *\r\n"),
            304, lacks: ["Content-Length"], body: ""),
        .responds(
            "9110 §13.1.2", "If-None-Match of another",
            ask("HEAD", "/api/v1/openapi.json", "If-None-Match: \"x\", W/\"y\"\r\n"), 200),
        .responds("9110 §14.2", "Range may be ignored", ask("GET", "/health", "Range: bytes=0-1\r\n"), 200),
    ]

    static let connections: [HTTPCase] = [
        .last("9112 §9.6", "close", ask("GET", "/health", "Connection: close\r\n"), 200),
        .last("9112 §9.6", "close in other letters", ask("GET", "/health", "Connection: Close\r\n"), 200),
        .last("9112 §9.6", "close in a list", ask("GET", "/health", "Connection: close, x\r\n"), 200),
        .last(
            "9112 §9.6", "close at the end of a list", ask("GET", "/health", "Connection: x ,\tclose\r\n"),
            200),
        .last(
            "9112 §9.6", "close on a second line",
            ask("GET", "/health", "Connection: x\r\nConnection: close\r\n"), 200),
        .last(
            "9112 §9.3", "close and keep-alive", ask("GET", "/health", "Connection: keep-alive, close\r\n"),
            200),
        .responds("9112 §9.3", "keep-alive", ask("GET", "/health", "Connection: keep-alive\r\n"), 200),
        .responds(
            "9110 §7.6.1", "an option that begins like close",
            ask("GET", "/health", "Connection: closed\r\n"), 200),
        .last("9112 §9.3", "HTTP/1.0", ask("GET", "/health", version: "1.0"), 200),
        .last("9112 §9.3", "HTTP/1.0 without Host", "GET /health HTTP/1.0\r\n\r\n", 200),
        .last(
            "9112 §9.3", "HTTP/1.0 that closes",
            ask("GET", "/health", "Connection: close\r\n", version: "1.0"), 200),
        .responds(
            "9112 §9.3", "HTTP/1.0 that stays",
            ask("GET", "/health", "Connection: Keep-Alive\r\n", version: "1.0"), 200,
            fields: ["Connection": "keep-alive"]),
        .last(
            "9112 §9.6", "close beside a body",
            "POST /test/post HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 200,
            body: "hello"),
        .responds("9112 §9.3.2", "HEAD before GET", ask("HEAD") + ask("GET"), 200, 200),
        .responds(
            "9112 §9.3.2", "an error in between", ask("GET", "/nothing") + ask("GET") + ask("DELETE"), 404,
            200, 405),
        .responds(
            "9112 §9.3.2", "more than may be pipelined", String(repeating: ask("GET", "/nothing"), count: 20),
            404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404
        ),
    ]
}
