import HarborFleetTesting

/// Upgrades that the server refuses.
extension BadRequest {
    static let upgrades: [BadRequest] = [
        BadRequest(get: live, .upgradeRequired),
        upgrade("an upgrade to something else", .upgradeRequired, replacing: "websocket", with: "h2c"),
        upgrade(
            "an upgrade without Connection", .upgradeRequired, replacing: "Connection: Upgrade", with: "X: y"),
        upgrade("version 8", .upgradeRequired, replacing: "Version: 13", with: "Version: 8"),
        upgrade("no version", .upgradeRequired, replacing: "Sec-WebSocket-Version", with: "X"),
        upgrade("HTTP/1.0", .upgradeRequired, replacing: "HTTP/1.1", with: "HTTP/1.0"),
        upgrade("a key that is no base64", .badRequest, replacing: key, with: "!!!!c2FtcGxlIG5vbmNlIQ=="),
        upgrade("a key of 15 bytes", .badRequest, replacing: key, with: "AAAAAAAAAAAAAAAAAAAA"),
        upgrade("an empty key", .badRequest, replacing: key, with: ""),
        upgrade("no key", .badRequest, replacing: "Sec-WebSocket-Key", with: "X"),
        upgrade(
            "two keys", .badRequest, replacing: "Sec-WebSocket-Key",
            with: "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Key"),
        query("vehicles=van-7", "/vehicles"), query("interval_ms=500", "/interval_ms"),
        query("bbox=9,53,10,54", "/bbox"), query("filter=x", "/filter"), query("since=", "/since"),
        query("since=nonsense", "/since"), query("since=a:b:1", "/since"), query("since=a:-1", "/since"),
        query("since=a:1&since=a:1", "/since"), query("na\u{EF}ve=1", "/na\u{EF}ve"),
        BadRequest(get: "/api/v1/fleets/harbor-north/status?vehicles=van-7", .invalidParameters("/vehicles")),
        BadRequest(get: "/api/v1/fleets?name=x", .invalidParameters("/name")),
        upgrade("a POST", .methodNotAllowed(allow: "GET, HEAD, OPTIONS"), replacing: "GET ", with: "POST "),
        BadRequest("a live stream without a token", .unauthorized) { _ in
            Array(TestWebSocketClient.request(path: live).utf8)
        },
        BadRequest("a live stream with a wrong token", .unauthorized) { _ in
            Array(TestWebSocketClient.request(path: live + "?token=wrong-token").utf8)
        },
        BadRequest("a live stream of an unknown fleet", .unknownFleet) { server in
            let path = "/api/v1/fleets/nowhere/live?token=\(server.token)"
            return Array(TestWebSocketClient.request(path: path).utf8)
        },
        BadRequest("a live stream of another's fleet", .unknownFleet) { server in
            Array(TestWebSocketClient.request(path: live + "?token=\(server.foreignToken)").utf8)
        },
    ]

    private static let live = "/api/v1/fleets/harbor-north/live"
    private static let key = TestWebSocketClient.key

    private static func query(_ text: String, _ pointer: String) -> BadRequest {
        BadRequest("a live stream with \(text)", .invalidParameters(pointer)) { server in
            Array(TestWebSocketClient.request(path: live + "?token=\(server.token)&\(text)").utf8)
        }
    }

    private static func upgrade(
        _ name: String, _ response: Response, replacing part: String, with other: String
    ) -> BadRequest {
        BadRequest(name, response) { server in
            let request = TestWebSocketClient.request(path: live + "?token=\(server.token)")
            return Array(request.replacing(part, with: other).utf8)
        }
    }
}
