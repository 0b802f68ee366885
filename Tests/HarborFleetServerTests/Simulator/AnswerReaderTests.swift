import Testing

@testable import HarborFleetServer

@Suite struct AnswerReaderTests {
    static let answers: [(text: String, status: Int, body: String, keeps: Bool)] = [
        ("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}", 202, "{}", true),
        ("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nConnection: close\r\n\r\n", 202, "", false),
        ("HTTP/1.1 204 \r\n\r\n", 204, "", true),
        ("HTTP/1.0 200 OK\r\nContent-Length:1 \r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny", 200, "y", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n",
            200, "abcde", true
        ),
    ]

    @Test(arguments: answers.indices)
    func `an answer is read at once, and byte by byte`(_ index: Int) throws {
        let (text, status, body, keeps) = Self.answers[index]
        var whole = AnswerReader()
        let atOnce = try #require(try whole.received(text.utf8))
        #expect(atOnce.status == status)
        #expect(atOnce.body == Array(body.utf8))
        #expect(atOnce.keepsConnection == keeps)
        var reader = AnswerReader()
        for byte in text.utf8.dropLast() { #expect(try reader.received([byte]) == nil) }
        #expect(try reader.received(text.utf8.suffix(1)) == atOnce)
    }

    @Test func `a body without a length ends with the connection`() throws {
        var reader = AnswerReader()
        #expect(try reader.received("HTTP/1.1 200 OK\r\n\r\nab".utf8) == nil)
        let answer = try reader.ended()
        #expect(answer.body == Array("ab".utf8))
        #expect(!answer.keepsConnection)
    }

    @Test func `an answer cut short is an error`() throws {
        for text in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"] {
            var reader = AnswerReader()
            #expect(try reader.received(text.utf8) == nil)
            #expect(throws: AnswerError.self) { try reader.ended() }
        }
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 40_000), "\r\n\r\n",
    ])
    func `what is no HTTP is an error`(_ text: String) {
        #expect(throws: AnswerError.self) {
            var reader = AnswerReader()
            _ = try reader.received(text.utf8)
        }
    }
}
