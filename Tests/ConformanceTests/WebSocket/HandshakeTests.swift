import HarborFleetTesting
import Testing

extension Conformance {
    /// The opening handshake (RFC 6455 section 4).
    @Suite(.serialized) struct Handshake {
        @Test(arguments: HTTPCase.handshakes)
        func invalidUpgrade_getsItsStatus(_ row: HTTPCase) async throws {
            let (faults, ways) = try await row.run(try await ConformanceServer.shared.value)
            Ledger.note(.handshake, exchanges: ways, failed: !faults.isEmpty)
            #expect(faults.isEmpty, "\(row.testDescription): \(faults.prefix(3).joined(separator: "\n"))")
        }

        @Test(arguments: HTTPCase.goodHandshakes)
        func validUpgrade_isAccepted(_ lines: String) async throws {
            let client = try await ConformanceServer.shared.value.connect()
            try await client.send(HTTPCase.upgrade(lines))
            let response = try await client.response(hasBody: false)
            #expect(response.status == 101)
            #expect(response["upgrade"]?.lowercased() == "websocket")
            #expect(response["connection"]?.lowercased() == "upgrade")
            #expect(response["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(response["sec-websocket-protocol"] == nil)
            #expect(response["content-length"] == nil && response["transfer-encoding"] == nil)
            try await client.send(SentFrame.text("hi") + SentFrame.close(1_000))
            let frames = ReceivedFrame.all(in: try await client.untilEnd())
            #expect(frames == [.text("hi"), .close(1_000)])
            Ledger.note(.handshake, exchanges: 1, failed: frames.count != 2 || response.status != 101)
        }
    }
}

extension HTTPCase {
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    private static let version = "Sec-WebSocket-Version: 13\r\n"
    private static let both = "Connection: Upgrade\r\nUpgrade: websocket\r\n"

    static func upgrade(_ lines: String, method: String = "GET", version: String = "1.1") -> String {
        "\(method) /test/echo HTTP/\(version)\r\nHost: localhost\r\n\(lines)\r\n"
    }

    /// The lines of valid requests.
    static let goodHandshakes = [
        both + key + version,
        "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" + key + version,
        "connection: upgrade\r\nupgrade: WebSocket\r\n" + key + version,
        "Connection: keep-alive\r\nConnection: UPGRADE\r\nUpgrade: h2c, websocket\r\n" + key + version,
        both + "Sec-WebSocket-Key:\t dGhlIHNhbXBsZSBub25jZQ== \r\nSec-WebSocket-Version:13\r\n",
        both + key + version + "Sec-WebSocket-Protocol: chat, superchat\r\n",
        both + key + version + "Sec-WebSocket-Extensions: x-unknown; a=b\r\n",
        both + key + version
            + "Origin: https://example.com\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n",
    ]

    static let handshakes: [HTTPCase] = [
        .responds("6455 §4.2.1", "no key", upgrade(both + version), 400),
        .responds("6455 §4.2.1", "an empty key", upgrade(both + version + "Sec-WebSocket-Key:\r\n"), 400),
        .responds("6455 §4.2.1", "two keys", upgrade(both + version + key + key), 400),
        .responds(
            "6455 §4.2.1", "a short key", upgrade(both + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n"),
            400),
        .responds(
            "6455 §4.2.1", "a long key",
            upgrade(both + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWQ=\r\n"), 400),
        .responds(
            "6455 §4.2.1", "a key that is no base64",
            upgrade(both + version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n"), 400),
        .responds("6455 §4.4", "no version", upgrade(both + key), 426, fields: wanted),
        .responds(
            "6455 §4.4", "version 8", upgrade(both + key + "Sec-WebSocket-Version: 8\r\n"), 426,
            fields: wanted),
        .responds("6455 §4.4", "two versions", upgrade(both + key + version + version), 426, fields: wanted),
        .responds(
            "6455 §4.4", "version 013", upgrade(both + key + "Sec-WebSocket-Version: 013\r\n"), 426,
            fields: wanted),
        .responds(
            "6455 §4.2.1", "no Upgrade", upgrade("Connection: Upgrade\r\n" + key + version), 426,
            fields: wanted),
        .responds(
            "6455 §4.2.1", "no Connection", upgrade("Upgrade: websocket\r\n" + key + version), 426,
            fields: wanted),
        .responds(
            "6455 §4.2.1", "another Connection",
            upgrade("Connection: keep-alive\r\nUpgrade: websocket\r\n" + key + version), 426, fields: wanted),
        .responds(
            "6455 §4.2.1", "another Upgrade",
            upgrade("Connection: Upgrade\r\nUpgrade: websockets\r\n" + key + version), 426, fields: wanted),
        .responds("6455 §4.2.1", "HEAD", upgrade(both + key + version, method: "HEAD"), 426, body: ""),
        .responds(
            "6455 §4.2.1", "POST", upgrade(both + key + version + "Content-Length: 0\r\n", method: "POST"),
            405),
        .last("6455 §4.2.1", "HTTP/1.0", upgrade(both + key + version, version: "1.0"), 426),
        .responds(
            "9110 §7.8", "an upgrade where there is none",
            upgrade(both + key + version).replacing("/test/echo", with: "/health"), 200,
            lacks: ["Upgrade", "Sec-WebSocket-Accept"]),
        .responds(
            "9110 §7.8", "an upgrade of nothing",
            upgrade(both + key + version).replacing("/test/echo", with: "/nothing"), 404),
        .refused(
            "9112 §3.2", "no Host", upgrade(both + key + version).replacing("Host: localhost\r\n", with: "")),
    ]

    private static let wanted = ["Sec-WebSocket-Version": "13", "Upgrade": "websocket"]
}
