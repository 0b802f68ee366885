import HarborFleetTesting
import Testing

@testable import HTTP1

@Suite struct HeadCacheTests {
    private let get = bytes("GET /status HTTP/1.1\r\nHost: h\r\n\r\n")

    /// Parses the pieces of one connection and returns the heads in order.
    private func heads(_ pieces: [[UInt8]], _ cache: inout HeadCache) throws -> [RequestHead] {
        var parser = RequestParser()
        var heads: [RequestHead] = []
        for piece in pieces {
            var offset = 0
            while let event = try parser.next(piece.span, &offset, limits: HTTPLimits(), cache: &cache) {
                switch event {
                case .head(let head), .request(let head): heads.append(head)
                case .body, .end: break
                }
            }
            #expect(offset == piece.count)
        }
        return heads
    }

    @Test func sameBytes_giveTheSameHead_onAnyConnection() throws {
        var cache = HeadCache()
        let first = try heads([get, get], &cache)
        let second = try heads([get], &cache)
        #expect(first.count == 2 && first[0] === first[1] && first[0] === second[0])
    }

    @Test func otherBytes_giveAnotherHead() throws {
        var cache = HeadCache()
        let other = bytes("GET /status HTTP/1.1\r\nHost: i\r\n\r\n")
        let found = try heads([get, other, get], &cache)
        #expect(found.map(\.authority) == ["h", "i", "h"])
    }

    @Test func head_isParsed_whenItIsNotAlone() throws {
        var cache = HeadCache()
        let known = try heads([get], &cache)
        #expect(try heads([get + get], &cache).allSatisfy { $0 !== known[0] || $0.target == "/status" })
        #expect(try heads([Array(get.prefix(9)), Array(get.dropFirst(9))], &cache)[0] !== known[0])
    }

    @Test func carriageReturn_isRefused_beforeAKnownHead() throws {
        var cache = HeadCache()
        _ = try heads([get], &cache)
        let transcript = RequestTranscript(pieces: [bytes("\r"), get], cache: &cache)
        #expect(transcript.error?.kind == .syntax && transcript.requests.isEmpty)
    }

    @Test func headWithABody_isNotRemembered() throws {
        var cache = HeadCache()
        let post = bytes("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n")
        let found = try heads([post, bytes("ab"), post, bytes("cd")], &cache)
        #expect(found.count == 2 && found[0] !== found[1])
    }

    @Test func headOfAWebSocket_isNotRemembered() throws {
        var cache = HeadCache()
        let upgrade = bytes(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        let first = try heads([upgrade], &cache)
        #expect(try heads([upgrade], &cache)[0] !== first[0])
    }

    @Test func longHead_isNotRemembered() throws {
        var cache = HeadCache()
        let long = bytes(
            "GET /\(String(repeating: "a", count: HeadCache.maximumBytes)) HTTP/1.1\r\nHost: h\r\n\r\n")
        let found = try heads([long, long], &cache)
        #expect(found.count == 2 && found[0] !== found[1])
    }

    @Test func heads_stayThemselves_whenTheyReplaceEachOther() throws {
        var cache = HeadCache()
        for round in 0..<2 {
            for index in 0..<(HeadCache.capacity * 3) {
                let target = "/\(index)"
                let found = try heads([bytes("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")], &cache)
                #expect(found.map(\.target) == [target], "round \(round)")
            }
        }
    }
}
