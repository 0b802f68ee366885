import HarborFleetTesting
import Testing

extension Conformance {
    /// Attacks of unauthenticated clients. Each time another client is served meanwhile.
    @Suite(.serialized) struct Abuse {
        static let get = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

        /// A new client gets its response.
        static func expectService(_ server: ConformanceServer) async throws {
            let client = try server.connect()
            try await client.send(get)
            #expect(try await client.response().status == 200)
        }

        @Test func silentConnections_delayNoOther() async throws {
            let server = try await ConformanceServer.abused.value
            var silent: [RawClient] = []
            for _ in 0..<500 { silent.append(try server.connect()) }
            try await Self.expectService(server)
            withExtendedLifetime(silent) {}
        }

        @Test func requestsWhoseResponsesAreNotRead_costBoundedMemory() async throws {
            let server = try await ConformanceServer.abused.value
            let before = server.process?.residentBytes ?? 0
            let request = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let flood = Array(String(repeating: request, count: 500).utf8)
            var greedy: [RawClient] = []
            for _ in 0..<50 {
                let client = try server.connect(receiveBuffer: 4_096)
                try await client.send(flood)
                greedy.append(client)
            }
            try await Self.expectService(server)
            // All responses together are over a gigabyte.
            let grown = (server.process?.residentBytes ?? 0) - before
            #expect(grown < 64 << 20, "\(grown) bytes more")
            withExtendedLifetime(greedy) {}
        }

        @Test func floodOfPings_getsItsPongsInOrder() async throws {
            let server = try await ConformanceServer.abused.value
            let pings = (0..<20_000).flatMap { SentFrame.ping([UInt8(truncatingIfNeeded: $0)]) }
            let found = try await EchoCase.exchange([pings + SentFrame.close(1_000)], server)
            #expect(found.count == 20_001 && found.last == .close(1_000))
            #expect(found.first == .pong([0]) && found.dropLast().last == .pong([31]))
        }

        @Test func hugeLengths_reserveNoMemory() async throws {
            let server = try await ConformanceServer.abused.value
            let before = server.process?.residentBytes ?? 0
            var open: [RawClient] = []
            for _ in 0..<100 {
                let socket = try await EchoCase.open(server)
                try await socket.send(SentFrame.header(0x82, length: 16 << 20) + [0])
                let post = try server.connect()
                try await post.send("POST /test/post HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\na")
                open += [socket, post]
            }
            try await Self.expectService(server)
            let grown = (server.process?.residentBytes ?? 0) - before
            #expect(grown < 32 << 20, "\(grown) bytes more")
            withExtendedLifetime(open) {}
        }

        /// 64 MiB of zeros in 64 KiB.
        @Test func compressionBomb_endsItsConnectionWith1009_andIsNeverKept() async throws {
            let server = try await ConformanceServer.abused.value
            let bomb = [UInt8](repeating: 0, count: 64 << 20)
            let before = server.process?.residentBytes ?? 0
            for _ in 0..<4 {
                let conversation = try await DeflateConversation(offer: "permessage-deflate", server)
                let frames = try await conversation.exchange(
                    try conversation.frames(of: [bomb], fragment: 1_000))
                #expect(DeflateConversation.onlyClose(frames) == 1_009)
            }
            let grown = (server.process?.residentBytes ?? 0) - before
            #expect(grown < 96 << 20, "\(grown) bytes more")
        }

        @Test func endlessFragments_endTheirConnection_atTheLimitOfAMessage() async throws {
            let server = try await ConformanceServer.abused.value
            let client = try await EchoCase.open(server)
            try await client.send(SentFrame.frame(0x02, []))
            let part = SentFrame.frame(0x00, [UInt8](repeating: 1, count: 1 << 20))
            for _ in 0..<17 { try await client.send(part) }
            #expect(ReceivedFrame.all(in: try await client.untilEnd()) == [.close(1_009)])
        }

        @Test func clientsThatLeave_keepNoDescriptor() async throws {
            let server = try await ConformanceServer.abused.value
            let starts = [
                "GET /hea", "POST /test/post HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", Self.get,
                TestWebSocketClient.request(path: "/test/echo"),
            ]
            for _ in 0..<100 {
                for start in starts { try await server.connect().send(start) }
            }
            try await Self.expectService(server)
            guard let process = server.process?.processID else { return }
            // The server notices the last ones as it reads, which is before its next responses. It announces none of
            // them.
            for _ in 0..<100 where ProcessUse(id: process).descriptors > 300 {
                try await Self.expectService(server)
            }
            #expect(ProcessUse(id: process).descriptors <= 300)
        }
    }
}

extension Conformance {
    /// Not a part of `Abuse`: it waits for 30 s, the time for a body, which the other tests need not wait for.
    @Suite struct SlowClients {
        @Test func clientsThatSendAByteASecond_get408_whenTheTimeIsOver() async throws {
            let server = try await ConformanceServer.shared.value
            try await withThrowingTaskGroup(of: RawResponse.self) { clients in
                for start in ["GET /health HTTP/1.1\r\nHost: localhost\r\nX: ", "X", "\r\nGET /"] {
                    clients.addTask { try await Self.dribble(start, server) }
                }
                let body = "POST /test/post HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
                clients.addTask { try await Self.dribble(body, server) }
                try await Abuse.expectService(server)
                for try await response in clients {
                    #expect(response.status == 408)
                    #expect(response["connection"] == "close")
                }
            }
        }

        /// Sends a byte each second until the response arrives.
        private static func dribble(_ start: String, _ server: ConformanceServer) async throws -> RawResponse
        {
            let client = try server.connect(timeoutSeconds: 1)
            try await client.send(start)
            for _ in 0..<40 {
                do {
                    return try await client.response()
                } catch RawClient.Failure.timedOut {
                    try await client.send("a")
                }
            }
            throw RawClient.Failure.truncated
        }
    }
}
