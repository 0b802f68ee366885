import HTTPTypes
import Testing

@testable import HTTP1

@Suite struct ResponseEncoderTests {
    private func encode(
        _ status: HTTPResponse.Status, fields: HTTPFields = [:], _ framing: ResponseFraming,
        keepAlive: Bool = true,
        version: HTTPVersion = .http11, date: [UInt8] = []
    ) -> String {
        var output: [UInt8] = bytes("|")
        ResponseEncoder.encodeHead(
            status: status, fields: fields, framing: framing, keepAlive: keepAlive, version: version,
            date: date,
            into: &output)
        return String(decoding: output.dropFirst(), as: UTF8.self)
    }

    @Test func head_isByteExact() {
        let date = HTTPDate(unixSeconds: 784_111_777).fieldLine
        #expect(
            encode(.ok, fields: [.contentType: "text/plain"], .length(12), date: date)
                == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 12\r\n\r\n")
        #expect(
            encode(.notFound, .length(0), keepAlive: false)
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(encode(.ok, .chunked) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(encode(.ok, .untilClose, keepAlive: false) == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        #expect(
            encode(.ok, .length(1), version: .http10)
                == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n")
        #expect(encode(.init(code: 7), .length(Int.max)) == "HTTP/1.1 007 \r\n\r\n")
    }

    @Test func connection_namesAnOfferedUpgrade() {
        for (keepAlive, connection) in [(true, "upgrade"), (false, "close, upgrade")] {
            #expect(
                encode(
                    .init(code: 426, reasonPhrase: "Upgrade Required"), fields: [.upgrade: "websocket"],
                    .length(0), keepAlive: keepAlive)
                    == "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"
                    + "Connection: \(connection)\r\n\r\n")
        }
    }

    @Test func status_hasNoFraming_withoutABody() {
        #expect(encode(.noContent, .length(5)) == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(
            encode(.notModified, fields: [.eTag: "\"a\""], .chunked)
                == "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n")
        #expect(
            encode(
                .switchingProtocols, fields: [.upgrade: "websocket", .connection: "Upgrade"], .none,
                keepAlive: false)
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    }

    @Test func fieldsOfTheEncoder_areLeftOut() {
        let fields: HTTPFields = [
            .contentLength: "9", .transferEncoding: "chunked", .connection: "keep-alive", .date: "x",
            .age: "1",
        ]
        #expect(
            encode(.ok, fields: fields, .length(2))
                == "HTTP/1.1 200 OK\r\nAge: 1\r\nContent-Length: 2\r\n\r\n")
    }

    @Test func value_cannotBreakOutOfItsLine() {
        let text = encode(.ok, fields: [.location: "/a\r\nSet-Cookie: b"], .length(0))
        #expect(text == "HTTP/1.1 200 OK\r\nLocation: /a  Set-Cookie: b\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func chunks_areByteExact() {
        var output: [UInt8] = []
        for chunk in [[], bytes("hello"), [UInt8](repeating: 0x61, count: 26)] {
            ResponseEncoder.encodeChunk(chunk.span, into: &output)
        }
        ResponseEncoder.encodeLastChunk(into: &output)
        #expect(output == bytes("5\r\nhello\r\n1a\r\naaaaaaaaaaaaaaaaaaaaaaaaaa\r\n0\r\n\r\n"))
        #expect(ResponseEncoder.continueResponse == bytes("HTTP/1.1 100 Continue\r\n\r\n"))
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_795_204_799, "Fri, 20 Nov 2026 19:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"), (.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ] as [(Int64, String)])
    func date_isAnIMFFixdate(seconds: Int64, text: String) {
        #expect(String(decoding: HTTPDate(unixSeconds: seconds).bytes, as: UTF8.self) == text)
    }
}
