import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct RequestHeadTests {
    @Test func head_givesItsParts() throws {
        let head = try head(
            "GET /api/v1/fleets/harbor-north/status?a=1&b=?2 HTTP/1.1\r\nHost: example.com:8080\r\n"
                + "ACCEPT:  text/html \r\nX-Empty:\r\nx-two: 1\r\nX-Two: 2\r\n\r\n")
        #expect(head.method == .get)
        #expect(head.target == "/api/v1/fleets/harbor-north/status?a=1&b=?2")
        #expect(head.path == "/api/v1/fleets/harbor-north/status")
        #expect(head.query == "a=1&b=?2")
        #expect(head.version == .http11)
        #expect(head.bodyFraming == .none)
        #expect(head.keepAlive)
        #expect(!head.expectsContinue)
        #expect(!head.upgradesToWebSocket)
        #expect(head.authority == "example.com:8080")
        #expect(head[.accept] == "text/html")
        #expect(head[.ifNoneMatch] == nil)
        let two = try #require(HTTPField.Name("X-Two"))
        #expect(head[two] == "1, 2")
        #expect(head.values(for: two) == ["1", "2"])
        #expect(head.fields[values: two] == ["1", "2"])
        #expect(head.fields.count == 5)
        #expect(head[try #require(HTTPField.Name("X-Empty"))] == "")
    }

    /// Browsers escape such a query. Scripts and old clients do not.
    @Test(arguments: [
        ("/a?next=/M\u{FC}nchen", "next=/M\u{FC}nchen"), ("/?\u{20AC}&a=\u{1F690}?", "\u{20AC}&a=\u{1F690}?"),
        ("http://h/?\u{E9}%C3%A9", "\u{E9}%C3%A9"), ("http://h?\u{E9}", "\u{E9}"),
    ])
    func query_mayHoldPlainUTF8(target: String, query: String) throws {
        let head = try head("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.target == target)
        #expect(head.query == query)
    }

    @Test func linesOfOneField_areJoined_cookiesByASemicolon() throws {
        let fields = "Host: a\r\nAccept: x\r\naccept: y\r\nCookie: a=1\r\ncookie: b=2\r\n"
        let head = try head("GET / HTTP/1.1\r\n\(fields)\r\n")
        #expect(head[.accept] == "x, y")
        #expect(head[.cookie] == "a=1; b=2")
        #expect(head[.range] == nil)
    }

    @Test(arguments: ["GET", "POST", "HEAD", "DELETE", "BREW", "get", "M-SEARCH", "!#$%&'*+-.^_`|~0"])
    func method_isAnyToken(text: String) throws {
        #expect(try head("\(text) / HTTP/1.1\r\nHost: a\r\n\r\n").method == HTTPRequest.Method(text))
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: x, CLOSE\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
    func keepAlive_followsVersionAndConnection(version: String, fields: String, expected: Bool) throws {
        #expect(try head("GET / \(version)\r\nHost: a\r\n\(fields)\r\n").keepAlive == expected)
    }

    @Test(arguments: [
        ("POST", "1.1", "Content-Length: 3\r\n", true),
        ("POST", "1.1", "Transfer-Encoding: chunked\r\n", true),
        ("POST", "1.1", "Content-Length: 0\r\n", false), ("GET", "1.1", "", false),
        ("POST", "1.0", "Content-Length: 3\r\n", false),
    ])
    func expectsContinue_needsABodyAndHTTP11(method: String, version: String, fields: String, expected: Bool)
        throws
    {
        let text = "\(method) / HTTP/\(version)\r\nHost: a\r\nExpect: 100-Continue\r\n\(fields)\r\n"
        #expect(try head(text).expectsContinue == expected)
    }

    @Test(arguments: [
        ("GET", "1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", true),
        ("GET", "1.1", "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n", true),
        ("GET", "1.1", "Upgrade: websocket\r\n", false), ("GET", "1.1", "Connection: upgrade\r\n", false),
        ("POST", "1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", false),
        ("GET", "1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", false),
        ("GET", "1.1", "Connection: Upgrade\r\nUpgrade: websocketx\r\n", false),
    ])
    func upgrade_needsGETOfHTTP11AndBothFields(
        method: String, version: String, fields: String, expected: Bool
    ) throws {
        let text = "\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
        #expect(try head(text).upgradesToWebSocket == expected)
    }

    @Test func values_areRepaired_whenTheyAreNotUTF8() throws {
        var parser = RequestParser()
        var offset = 0
        let input = bytes("GET / HTTP/1.1\r\nHost: a\r\nAccept: ") + [0xFF] + bytes("\r\n\r\n")
        guard case .head(let head) = try parser.next(input.span, &offset, limits: HTTPLimits()) else {
            Issue.record("no head")
            return
        }
        #expect(head[.accept] == "\u{FFFD}")
    }
}
