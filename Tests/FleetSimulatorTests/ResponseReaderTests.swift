import Testing

@testable import FleetSimulator

@Suite struct ResponseReaderTests {
    static let responses: [(text: String, response: ClientResponse)] = [
        (
            "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}",
            ClientResponse(status: 202, body: Array("{}".utf8), keepsConnection: true)
        ),
        (
            "HTTP/1.1 429 X\r\nRetry-After: 7\r\ncontent-length: 0\r\nConnection: close\r\n\r\n",
            ClientResponse(status: 429, retryAfter: "7", body: [], keepsConnection: false)
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny",
            ClientResponse(status: 200, body: Array("y".utf8), keepsConnection: true)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
            ClientResponse(status: 200, body: Array("abcde".utf8), keepsConnection: true)
        ),
    ]

    @Test(arguments: responses.indices)
    func response_isRead_atOnceAndByteByByte(_ index: Int) throws {
        let (text, response) = Self.responses[index]
        var whole = ResponseReader()
        #expect(try whole.received(Array(text.utf8)) == response)
        var reader = ResponseReader()
        for byte in text.utf8.dropLast() { #expect(try reader.received([byte]) == nil) }
        #expect(try reader.received(text.utf8.suffix(1)) == response)
    }

    @Test func connection_isNotKept_whenMoreThanTheResponseArrives() throws {
        var reader = ResponseReader()
        let response = try reader.received(Array("HTTP/1.1 204 X\r\n\r\nHTTP/1.1 204 X\r\n\r\n".utf8))
        #expect(response == ClientResponse(status: 204, body: [], keepsConnection: false))
    }

    @Test func body_endsWithTheConnection_withoutALength() throws {
        var reader = ResponseReader()
        #expect(try reader.received(Array("HTTP/1.1 200 OK\r\n\r\nab".utf8)) == nil)
        #expect(
            try reader.ended() == ClientResponse(status: 200, body: Array("ab".utf8), keepsConnection: false))
    }
}

/// Responses that are cut, endless or not HTTP.
@Suite struct ClientResponseRefusalTests {
    @Test func response_isRefused_whenItsBodyDoesNotEnd() throws {
        var reader = ResponseReader()
        #expect(try reader.received(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)) == nil)
        let mebibyte = [UInt8](repeating: 0, count: 1_048_576)
        for _ in 0..<8 { #expect(try reader.received(mebibyte) == nil) }
        #expect(throws: TransportError.tooLong) { try reader.received([0]) }
    }

    @Test(arguments: ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
    func response_isRefused_whenItIsCutShort(_ text: String) throws {
        var reader = ResponseReader()
        #expect(try reader.received(Array(text.utf8)) == nil)
        #expect(throws: TransportError.truncated) { try reader.ended() }
    }

    @Test(arguments: ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 40_000)])
    func response_isRefused_whenItIsNotHTTP(_ text: String) {
        #expect(throws: TransportError.self) {
            var reader = ResponseReader()
            _ = try reader.received(Array(text.utf8))
        }
    }
}
