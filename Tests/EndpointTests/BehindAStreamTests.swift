import Endpoint
import HarborFleetTesting
import Testing

/// Requests that a client sends while an earlier response is still being streamed.
@Suite(.timeLimit(.minutes(1))) struct BehindAStreamTests {
    private static let stream = get("/stream")
    private static let upload =
        "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    private static let firstPiece = Array("1\r\na\r\n".utf8)
    private static let secondPiece = Array("1\r\nb\r\n0\r\n\r\n".utf8)

    /// Runs `body` with a client that has read the stream's first piece. The second piece comes when `gate` opens.
    private func withStream(
        followedBy next: [UInt8], body limit: Duration = .seconds(10),
        _ body: (RawClient, _ port: UInt16, _ gate: Gate) async throws -> Void
    ) async throws {
        let gate = Gate()
        var configuration = EndpointConfiguration()
        configuration.timeouts.body = limit
        try await withServer(configuration) { router in
            router.get("/stream") { _ in
                .streamed(
                    StreamedResponse(.ok) { writer in
                        try await writer.write(Array("a".utf8))
                        await gate.pass()
                        try await writer.write(Array("b".utf8))
                    })
            }
            router.get("/socket", echo())
            router.post("/upload") { request in .now(text(String(decoding: request.body, as: UTF8.self))) }
        } _: { port, _ in
            let client = try await RawClient(port: port, sending: Array(Self.stream.utf8) + next)
            #expect(try await client.response(hasBody: false).status == 200)
            #expect(try await client.bytes(Self.firstPiece.count) == Self.firstPiece)
            try await body(client, port, gate)
        }
    }

    /// Sends half a body and returns when its time is over.
    private func bodyIsOverdue(at port: UInt16) async throws {
        let late = try RawClient(port: port)
        try await late.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na")
        #expect(try await late.response().status == 408)
    }

    @Test func upgradeAndFirstFrames_waitForTheStreamToEnd() async throws {
        let upgrade = Array(TestWebSocketClient.request(path: "/socket").utf8)
        let frame = TestWebSocketClient.frame(.text, Array("early".utf8))
        try await withStream(followedBy: upgrade + frame) { client, _, gate in
            gate.open()
            #expect(try await client.bytes(Self.secondPiece.count) == Self.secondPiece)
            #expect(try await client.response(hasBody: false).status == 101)
            #expect(try await client.bytes(7) == [0x81, 5] + Array("early".utf8))
            try await client.send(TestWebSocketClient.frame(.text, Array("late".utf8)))
            #expect(try await client.bytes(6) == [0x81, 4] + Array("late".utf8))
        }
    }

    @Test func continue_waitsForTheStreamToEnd_withoutUsingUpTheTimeOfTheBody() async throws {
        try await withStream(followedBy: Array(Self.upload.utf8), body: .milliseconds(700)) {
            client, port, gate in
            try await bodyIsOverdue(at: port)
            gate.open()
            #expect(try await client.bytes(Self.secondPiece.count) == Self.secondPiece)
            #expect(try await client.response(hasBody: false).status == 100)
            try await client.send("abc")
            #expect(try await client.response().text == "abc")
        }
    }

    @Test func lateBody_isAnswered408_thoughContinueWasSaidLate() async throws {
        try await withStream(followedBy: Array(Self.upload.utf8), body: .milliseconds(100)) {
            client, port, gate in
            try await bodyIsOverdue(at: port)
            gate.open()
            #expect(try await client.bytes(Self.secondPiece.count) == Self.secondPiece)
            #expect(try await client.response(hasBody: false).status == 100)
            let late = try await client.response()
            #expect(late.status == 408 && late["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
        }
    }
}
