import HTTPTypes
import HarborFleetTesting
import Testing

@testable import HTTP1

/// Returns what a parser found as text: `H200`, `I103`, `E`, or the joined bytes of a body.
private func read(_ text: String, piece: Int, method: HTTPRequest.Method, closes: Bool) -> [String] {
    var parser = ResponseParser()
    parser.expectResponse(to: method)
    var found: [String] = []
    let all = bytes(text)
    do throws(ResponseError) {
        for start in stride(from: 0, to: all.count, by: piece) {
            let input = Array(all[start..<min(all.count, start + piece)])
            var offset = 0
            while let event = try parser.next(input.span, &offset) { note(event, input, &found) }
        }
        if closes, let event = try parser.endOfInput() { note(event, [], &found) }
    } catch {
        found.append(error.isTruncated ? "cut" : "error")
    }
    return found
}

private func note(_ event: ResponseEvent, _ input: [UInt8], _ found: inout [String]) {
    switch event {
    case .head(let head): found.append("H\(head.status.code)\(head.keepAlive ? "" : "-")")
    case .informational(let head): found.append("I\(head.status.code)")
    case .end: found.append("E")
    case .body(let range):
        let text = String(decoding: input[range], as: UTF8.self)
        if let last = found.last, last.hasPrefix(":") {
            found[found.count - 1] = last + text
        } else {
            found.append(":" + text)
        }
    }
}

@Suite struct ResponseParserTests {
    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", .get, ["H200", ":hi", "E"]),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .get, ["H200", "E"]),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 202 \r\nContent-Length: 1\r\n\r\nx",
                .post, ["I100", "I103", "H202", ":x", "E"]
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n",
                .get,
                ["H200", ":hi!", "E"]
            ),
            ("HTTP/1.1 200 OK\r\n\r\nall of it", .get, ["H200", ":all of it", "E"]),
            ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", .get, ["H200-", ":x", "E"]),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
                .head,
                ["H200", "E", "H204-", "E"]
            ),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", .get, ["H304", "E"]),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", .get, ["H101", "E"]),
            ("", .get, []),
        ] as [(String, HTTPRequest.Method, [String])])
    func response_isRead_inPiecesOfAnySize(text: String, method: HTTPRequest.Method, expected: [String]) {
        for piece in 1...max(1, text.utf8.count) {
            #expect(
                read(text, piece: piece, method: method, closes: true) == expected, "in pieces of \(piece)")
        }
    }

    @Test func response_ofOurEncoder_isReadBack() throws {
        var output: [UInt8] = []
        ResponseEncoder.encodeHead(
            status: .accepted, fields: [.contentType: "application/json", .eTag: "\"m3:7\""],
            framing: .length(2), keepAlive: true, version: .http11, date: HTTPDate(unixSeconds: 0).fieldLine,
            into: &output)
        output += bytes("{}")
        var parser = ResponseParser()
        var offset = 0
        guard case .head(let head) = try parser.next(output.span, &offset) else {
            Issue.record("no head")
            return
        }
        #expect(head.status == .accepted)
        #expect(head.status.reasonPhrase == "Accepted")
        #expect(head[.eTag] == "\"m3:7\"")
        #expect(head[.date] == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(head.fields.count == 4)
        #expect(offset == output.count - 2)
    }
}

/// Responses that are cut or malformed.
@Suite struct ResponseRefusalTests {
    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", ["H200", ":hi", "cut"]),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", ["H200", ":hi", "cut"]
            ),
            ("HTTP/1.1 200 OK\r\nCont", ["cut"]),
            ("HTTP/1.1 20 OK\r\n\r\n", ["error"]),
            ("HTTP/2.0 200 OK\r\n\r\n", ["error"]), ("HTTP/1.1 099 OK\r\n\r\n", ["error"]),
            ("HTTP/1.1 200OK\r\n\r\n", ["error"]), ("HTTP/1.1 200 OK\n\n", ["error"]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", ["error"]),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", ["H200", "error"]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", ["H200", "error"]),
        ])
    func response_isRefused_inPiecesOfAnySize(text: String, expected: [String]) {
        for piece in 1...text.utf8.count {
            #expect(read(text, piece: piece, method: .get, closes: true) == expected, "in pieces of \(piece)")
        }
    }

    @Test func parser_keepsItsError() throws {
        var parser = ResponseParser()
        var offset = 0
        #expect(throws: ResponseError.self) { try parser.next(bytes("X\n").span, &offset) }
        offset = 0
        #expect(throws: ResponseError.self) {
            try parser.next(bytes("HTTP/1.1 200 OK\r\n\r\n").span, &offset)
        }
        #expect(throws: ResponseError.self) { try parser.endOfInput() }
    }
}
