import Endpoint
import EventLoops
import HTTPTypes
import HarborFleetTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct StreamingTests {
    private struct Broken: Error {}

    /// What a producer has written so far.
    private final class Progress: Sendable {
        let bytes = Atomic<Int>(0)
        let ended = Gate()

        /// Writes `count` pieces and opens `ended` at the end, also after an error.
        func write(_ count: Int, of piece: [UInt8], to writer: BodyWriter) async throws {
            defer { ended.open() }
            for _ in 0..<count {
                try await writer.write(piece)
                bytes.add(piece.count, ordering: .relaxed)
            }
        }

        var soFar: Int { bytes.load(ordering: .relaxed) }

        /// Writes until a write throws.
        func writeEndlessly(to writer: BodyWriter) async throws {
            try await write(.max, of: [UInt8](repeating: 7, count: 50_000), to: writer)
        }

        /// Serves an endless stream.
        func serve(_ router: inout Router) {
            router.get("/endless") { _ in
                .streamed(StreamedResponse(.ok) { try await self.writeEndlessly(to: $0) })
            }
        }
    }

    private let closing = "Connection: close\r\n"

    private func routes(_ router: inout Router) {
        router.get("/hello") { _ in
            .streamed(
                StreamedResponse(.ok, fields: [.contentType: "text/plain"]) { writer in
                    for piece in ["hello", "", ", world of chunks"] {
                        try await writer.write(Array(piece.utf8))
                    }
                })
        }
        router.get("/later") { _ in
            .decidedLater {
                await Task.yield()
                return .streamed(StreamedResponse(.ok) { try await $0.write(Array("later".utf8)) })
            }
        }
        router.get("/broken") { _ in
            .streamed(
                StreamedResponse(.ok) { writer in
                    try await writer.write(Array("half".utf8))
                    throw Broken()
                })
        }
        router.get("/nothing") { _ in .streamed(StreamedResponse(.ok) { _ in }) }
        router.get("/a", says("a"))
    }

    @Test func stream_isSentInChunks_andTheConnectionStays() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: get("/hello"))
            let head = try await client.response(hasBody: false)
            #expect(head.status == 200 && head["content-type"] == "text/plain")
            #expect(head["transfer-encoding"] == "chunked" && head["content-length"] == nil)
            #expect(head["connection"] == nil && head["date"] != nil && head["x-request-id"] != nil)
            let body = "5\r\nhello\r\n11\r\n, world of chunks\r\n0\r\n\r\n"
            #expect(try await client.bytes(body.utf8.count) == Array(body.utf8))
            try await client.send(get("/a"))
            #expect(try await client.response().text == "a")
        }
    }

    @Test func requestsBehindAStream_areAnsweredInOrder() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                get("/a") + get("/later") + get("/a") + get("/nothing") + get("/hello") + get("/a", closing))
            let all = String(decoding: try await client.untilEnd(), as: UTF8.self)
            let bodies = all.split(separator: "HTTP/1.1 200 OK").map { response in
                response.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
            }
            #expect(
                bodies == [
                    "a", "5\r\nlater\r\n0\r\n\r\n", "a", "0\r\n\r\n",
                    "5\r\nhello\r\n11\r\n, world of chunks\r\n0\r\n\r\n", "a",
                ])
        }
    }

    @Test func http10Body_endsWithTheConnection() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            try await client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let head = try await client.response(hasBody: false)
            #expect(head["transfer-encoding"] == nil && head["connection"] == "close")
            #expect(try await client.untilEnd() == Array("hello, world of chunks".utf8))
        }
    }

    @Test func headRequest_isAnsweredWithoutTheProducer() async throws {
        let isRun = Atomic(false)
        try await withServer { router in
            routes(&router)
            router.get("/stream") { _ in
                .streamed(StreamedResponse(.ok) { _ in isRun.store(true, ordering: .relaxed) })
            }
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n" + get("/a", closing))
            #expect(try await client.response(hasBody: false)["transfer-encoding"] == "chunked")
            #expect(try await client.response().text == "a")
            #expect(try await client.untilEnd().isEmpty)
        }
        #expect(isRun.load(ordering: .relaxed) == false)
    }

    @Test func connection_endsWithoutTheLastChunk_whenTheProducerFails() async throws {
        let observer = RecordingObserver()
        try await withServer(observer: observer, routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: get("/broken") + get("/a"))
            #expect(try await client.response(hasBody: false).status == 200)
            #expect(try await client.untilEnd() == Array("4\r\nhalf\r\n".utf8))
            await observer.nextConnectionClose()
            #expect(observer.seen.failures == ["Broken()"])
            #expect(observer.seen.cuts == [.failed])
        }
    }

    @Test func http10Connection_isReset_whenTheProducerFails() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try await RawClient(port: port, sending: "GET /broken HTTP/1.0\r\n\r\n")
            await #expect(throws: RawClient.Failure.reset) { try await client.untilEnd() }
        }
    }

    @Test func http10Connection_isReset_whenTheStreamIsCut() async throws {
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/hangs") { _ in
                .streamed(
                    StreamedResponse(.ok) { writer in
                        try await writer.write(Array("half".utf8))
                        await Gate().pass()
                    })
            }
        } _: { port, server in
            let client = try await RawClient(port: port, sending: "GET /hangs HTTP/1.0\r\n\r\n")
            #expect(try await client.response(hasBody: false).status == 200)
            #expect(try await client.bytes(4) == Array("half".utf8))
            await server.drain(within: .zero)
            await #expect(throws: RawClient.Failure.reset) { try await client.untilEnd() }
            #expect(observer.seen.cuts == [.dropped])
        }
    }

    @Test func producer_waitsForASlowReader() async throws {
        let progress = Progress()
        let piece = [UInt8](repeating: 7, count: 50_000)
        try await withServer { router in
            router.get("/big") { _ in
                .streamed(StreamedResponse(.ok) { try await progress.write(1_600, of: piece, to: $0) })
            }
        } _: { port, _ in
            let client = try await RawClient(port: port, receiveBuffer: 4_096, sending: get("/big", closing))
            var received = 0
            while let bytes = try await client.someBytes() {
                received += bytes.count
                // The kernel's buffers on both sides hold most of it. The server holds at most 128 KiB.
                #expect(progress.soFar < received + 12_000_000)
            }
            #expect(received > 80_000_000)
        }
    }

    @Test func producer_ends_whenItsClientLeaves() async throws {
        let progress = Progress()
        let observer = RecordingObserver()
        try await withServer(observer: observer, routes: progress.serve) { port, server in
            do {
                let client = try await RawClient(port: port, receiveBuffer: 4_096, sending: get("/endless"))
                _ = try await client.bytes(200_000)
            }
            await progress.ended.pass()
            await observer.nextConnectionClose()
            #expect(observer.seen.cuts == [.dropped] && observer.seen.failures.isEmpty)
            #expect(server.openConnections == 0)
        }
    }

    @Test func stream_isCutByAReset_whenItsMemoryIsNeeded() async throws {
        let (progress, begun) = (Progress(), Gate())
        let writers = Mutex<BodyWriter?>(nil)
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/endless") { _ in
                .streamed(
                    StreamedResponse(.ok) { writer in
                        writers.withLock { $0 = writer }
                        begun.open()
                        try await progress.writeEndlessly(to: writer)
                    })
            }
        } _: { port, server in
            let client = try await RawClient(port: port, receiveBuffer: 4_096, sending: get("/endless"))
            await begun.pass()
            writers.withLock { $0 }?.cut()
            await progress.ended.pass()
            await observer.nextConnectionClose()
            // A second cut does no harm. The writer leads to its route, which keeps `writers`.
            writers.withLock { writer in
                writer?.cut()
                writer = nil
            }
            await #expect(throws: RawClient.Failure.reset) { try await client.untilEnd() }
            #expect(observer.seen.cuts == [.backlog] && observer.seen.failures.isEmpty)
            #expect(server.openConnections == 0)
        }
    }

    @Test func stream_isCut_whenItsClientReadsNothing() async throws {
        let progress = Progress()
        let observer = RecordingObserver()
        var configuration = EndpointConfiguration()
        configuration.timeouts.writeStall = .milliseconds(80)
        try await withServer(configuration, observer: observer, routes: progress.serve) { port, server in
            let client = try await RawClient(port: port, receiveBuffer: 4_096, sending: get("/endless"))
            await progress.ended.pass()
            await observer.nextConnectionClose()
            #expect(server.openConnections == 0)
            withExtendedLifetime(client) {}
        }
    }

    @Test func drain_letsAStreamEnd_andCutsOneThatDoesNot() async throws {
        let (begun, gate) = (Gate(), Gate())
        let observer = RecordingObserver()
        try await withServer(observer: observer) { router in
            router.get("/slow/:n") { request in
                let waits = request.parameters["n"] == "0"
                return .streamed(
                    StreamedResponse(.ok) { writer in
                        try await writer.write(Array("a".utf8))
                        if waits { begun.open() }
                        await (waits ? gate : Gate()).pass()
                        try await writer.write(Array("b".utf8))
                    })
            }
        } _: { port, server in
            let (ends, hangs) = (try RawClient(port: port), try RawClient(port: port))
            try await hangs.send(get("/slow/1"))
            _ = try await hangs.response(hasBody: false)
            try await ends.send(get("/slow/0"))
            _ = try await ends.response(hasBody: false)
            await begun.pass()
            async let drained: Void = server.drain(within: .milliseconds(400))
            gate.open()
            #expect(try await ends.untilEnd() == Array("1\r\na\r\n1\r\nb\r\n0\r\n\r\n".utf8))
            #expect(try await hangs.untilEnd() == Array("1\r\na\r\n".utf8))
            await drained
            #expect(observer.seen.cuts == [.dropped])
        }
    }
}
