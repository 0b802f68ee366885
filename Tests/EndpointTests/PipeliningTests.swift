import Endpoint
import HTTPTypes
import HarborFleetTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct PipeliningTests {
    private let closing = "Connection: close\r\n"

    @Test func responses_comeInOrder_whateverTheHandlersWaitFor() async throws {
        let gates = [Gate(), Gate()]
        try await withServer { router in
            router.get("/now/:n") { request in .now(text(request.parameters["n"] ?? "")) }
            router.get("/later/:n") { request in
                let number = request.parameters["n"] ?? ""
                return .later {
                    await gates[Int(number) ?? 0].pass()
                    return text("later \(number)")
                }
            }
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send(
                get("/now/a") + get("/later/0") + get("/now/b") + get("/later/1") + get("/now/c"))
            #expect(try await client.response().text == "a")
            gates[1].open()
            gates[0].open()
            for expected in ["later 0", "b", "later 1", "c"] {
                #expect(try await client.response().text == expected)
            }
        }
    }

    /// RFC 9112 section 9.3.2: only safe methods may overlap.
    @Test func unsafeRequests_overlapWithNoOther() async throws {
        let gates = [Gate(), Gate(), Gate()]
        let changes = Mutex(0)
        try await withServer { router in
            router.get("/changes/:n") { request in
                let number = Int(request.parameters["n"] ?? "") ?? 0
                return .later {
                    await gates[number].pass()
                    return text("\(changes.withLock { $0 })")
                }
            }
            router.post("/changes/:n") { request in
                let number = Int(request.parameters["n"] ?? "") ?? 0
                return .later {
                    let before = changes.withLock { $0 }
                    await gates[number].pass()
                    changes.withLock { $0 = before + 1 }
                    return text("changed")
                }
            }
        } _: { port, _ in
            func post(_ number: Int) -> String {
                "POST /changes/\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
            }
            let client = try RawClient(port: port)
            gates[2].open()
            try await client.send(get("/changes/0") + post(1) + get("/changes/2") + post(2) + post(2))
            try await client.send(get("/changes/2") + get("/changes/2", closing))
            // A request that started too early would have run by the time another client is served.
            #expect(try await RawClient.get("/changes/2", port: port).text == "0")
            gates[0].open()
            #expect(try await client.response().text == "0")
            gates[1].open()
            for expected in ["changed", "1", "changed", "changed", "3", "3"] {
                #expect(try await client.response().text == expected)
            }
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func request_changesNothing_behindTheEndOfTheConnection() async throws {
        let gate = Gate()
        let isChanged = Mutex(false)
        try await withServer { router in
            router.get("/last") { _ in
                .later {
                    await gate.pass()
                    return Response(.ok, fields: [.connection: "close"])
                }
            }
            router.post("/change") { _ in
                isChanged.withLock { $0 = true }
                return .now(text("changed"))
            }
        } _: { port, _ in
            let client = try await RawClient(port: port, sending: get("/last") + post("/change", ""))
            gate.open()
            #expect(try await client.response()["connection"] == "close")
            #expect(try await client.untilEnd().isEmpty)
            #expect(isChanged.withLock { $0 } == false)
        }
    }

    @Test func client_getsTheWaitingResponse_whenItIsHalfClosed() async throws {
        let gate = Gate()
        try await withServer { router in
            router.get("/first", says("first", behind: gate))
            router.post("/echo") { request in .now(text(String(decoding: request.body, as: UTF8.self))) }
        } _: { port, server in
            let client = try await RawClient(port: port, sending: get("/first") + post("/echo", "hello"))
            try await client.endSending()
            gate.open()
            #expect(try await client.response().text == "first")
            #expect(try await client.response().text == "hello")
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func request_isRead_oneByteAtATime() async throws {
        try await withServer { router in
            router.post("/echo") { request in .now(text(String(decoding: request.body, as: UTF8.self))) }
        } _: { port, _ in
            let client = try RawClient(port: port)
            for byte in post("/echo", "hello").utf8 {
                try await client.send([byte])
            }
            #expect(try await client.response().text == "hello")
        }
    }

    @Test func pipelinedRequests_areAllAnswered_beyondTheBound() async throws {
        try await withServer { router in
            router.get("/later/:n") { request in
                let number = request.parameters["n"] ?? ""
                return .later {
                    await Task.yield()
                    return text(number)
                }
            }
        } _: { port, _ in
            let client = try RawClient(port: port)
            try await client.send((0..<500).map { get("/later/\($0)") }.joined())
            try await client.endSending()
            for number in 0..<500 {
                #expect(try await client.response().text == "\(number)")
            }
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func responses_areNotMadeInAdvance_whenTheClientDoesNotRead() async throws {
        let observer = RecordingObserver()
        let body = [UInt8](repeating: 120, count: 200_000)
        try await withServer(observer: observer) { router in
            router.get("/big") { _ in .now(Response(.ok, body: .bytes(body))) }
            router.get("/a", says("a"))
        } _: { port, _ in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            try await client.send(String(repeating: get("/big"), count: 299) + get("/big", closing))
            #expect(try await RawClient.get("/a", port: port).text == "a")
            // The kernel's buffers hold about 20 of them. All together they are 60 MB.
            #expect((1..<100).contains(observer.seen.finished.count))
            var received = 0
            while let bytes = try await client.someBytes() { received += bytes.count }
            #expect(observer.seen.finished.count == 301)
            #expect(received > 300 * body.count)
        }
    }

    @Test func waitingResponses_areNotJoinedInMemory() async throws {
        let gate = Gate()
        let observer = RecordingObserver()
        let body = [UInt8](repeating: 120, count: 2_000_000)
        try await withServer(observer: observer) { router in
            router.get("/later", says("later", behind: gate))
            router.get("/big") { _ in .now(Response(.ok, body: .bytes(body))) }
        } _: { port, _ in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            try await client.send(
                get("/later") + String(repeating: get("/big"), count: 14) + get("/big", closing))
            gate.open()
            #expect(try await client.response().text == "later")
            // 30 MB wait, and the kernel's buffers hold a few.
            #expect(observer.seen.finished.count < 10)
            var received = 0
            while let bytes = try await client.someBytes() { received += bytes.count }
            #expect(observer.seen.finished.count == 16)
            #expect(received > 15 * body.count)
        }
    }

    @Test func preparedResponse_carriesTheLinesOfItsRequest() async throws {
        let prepared = PreparedResponse(
            Response(.ok, fields: [.eTag: "\"e:1\""], body: .bytes(Array("status".utf8))))
        try await withServer { router in
            router.get("/status") { _ in .prepared(prepared) }
        } _: { port, _ in
            let client = try await RawClient(port: port, sending: get("/status", "X-Request-Id: mine-1\r\n"))
            let first = try await client.response()
            #expect(first.status == 200 && first.text == "status")
            #expect(first["x-request-id"] == "mine-1" && first["etag"] == "\"e:1\"")
            #expect(first["date"]?.hasSuffix("GMT") == true && first["connection"] == nil)
            try await client.send("HEAD /status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let head = try await client.response(hasBody: false)
            #expect(head["content-length"] == "6" && head["connection"] == "close")
            #expect(head["x-request-id"]?.utf8.count == 16)
            #expect(try await client.untilEnd().isEmpty)
        }
    }

    @Test func largeResponse_arrivesWhole_whenTheReaderIsSlow() async throws {
        let body = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await withServer { router in
            router.get("/big") { _ in .now(Response(.ok, body: .bytes(body))) }
        } _: { port, _ in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            try await client.send(get("/big") + get("/big"))
            #expect(try await client.response().body == body)
            #expect(try await client.response().body == body)
        }
    }
}
