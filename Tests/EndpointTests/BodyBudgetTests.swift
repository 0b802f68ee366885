import Endpoint
import HarborFleetTesting
import Testing

/// The budget that all connections share for bodies that are being received, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct BodyBudgetTests {
    private static func head(_ length: Int) -> String {
        "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n"
    }

    private func configuration() -> EndpointConfiguration {
        var configuration = EndpointConfiguration()
        configuration.bodies.totalBytes = 1_048_576
        configuration.bodies.bytesPerAddress = 262_144
        configuration.bodies.bytesForSmallBodies = 131_072
        return configuration
    }

    private func routes(_ router: inout Router) {
        router.post("/upload") { request in .now(text("\(request.body.count)")) }
    }

    /// Returns once the bytes that the server holds meet a condition. This is a poll, because no event says that the server
    /// has read what a client sent.
    private func waitForHeldBytes(of server: EndpointServer, _ isMet: (Int) -> Bool) async throws {
        try await waitUntil { isMet(server.heldBodyBytes) }
    }

    /// 100 clients on 50 addresses hold 60 KB each, which is six times the budget.
    @Test func slowBodies_holdNoMoreThanTheBudget_whileOthersPassAtOnce() async throws {
        let observer = RecordingObserver()
        try await withServer(configuration(), loops: 2, observer: observer, routes: routes) { port, server in
            var drips: [RawClient] = []
            let part = [UInt8](repeating: 120, count: 60_000)
            for number in 0..<100 {
                let drip = try RawClient(port: port, from: "127.0.0.\(10 + number % 50)")
                try await drip.send(Self.head(1_000_000))
                try await drip.send(part)
                drips.append(drip)
                // This body arrives whole.
                let partner = try RawClient(port: port, from: "127.0.0.2")
                try await partner.send(Self.head(3) + "abc")
                #expect(try await partner.response().text == "3")
                #expect(server.heldBodyBytes <= 1_048_576)
            }
            // This body arrives in two parts while all of the slow ones are there.
            let partner = try RawClient(port: port, from: "127.0.0.2")
            try await partner.send(Self.head(50_000) + String(repeating: "x", count: 40_000))
            try await partner.send(String(repeating: "x", count: 10_000))
            #expect(try await partner.response().text == "50000")
            await observer.waitForBodyEnds(80)
            #expect(observer.seen.bodyEnds.allSatisfy { $0 == .budget })
            // The first ones are the slowest.
            let response = try await drips[0].response()
            #expect(response.status == 408 && response["connection"] == "close")
            drips = []
            try await waitForHeldBytes(of: server) { $0 == 0 }
        }
    }

    @Test func address_holdsNoMoreThanItsShare() async throws {
        let observer = RecordingObserver()
        try await withServer(configuration(), observer: observer, routes: routes) { port, server in
            var drips: [RawClient] = []
            for _ in 0..<6 {
                let drip = try await RawClient(port: port, sending: Self.head(1_000_000))
                try await drip.send([UInt8](repeating: 120, count: 60_000))
                drips.append(drip)
                try await waitForHeldBytes(of: server) { $0 > 0 }
                #expect(server.heldBodyBytes <= 262_144)
            }
            #expect(try await drips[0].response().status == 408)
            #expect(try await drips[1].response().status == 408)
            #expect(observer.seen.bodyEnds == [.address, .address])
        }
    }

    /// The bodies count for the client that the trusted proxy names, and not for the proxy.
    @Test func forwardedClient_isTheAddress_behindATrustedProxy() async throws {
        var configuration = configuration()
        configuration.trustedProxies = [try #require(NetworkPrefix("127.0.0.0/8"))]
        let observer = RecordingObserver()
        try await withServer(configuration, observer: observer, routes: routes) { port, server in
            var drips: [RawClient] = []
            for number in 0..<8 {
                let drip = try RawClient(port: port)
                let from = "POST /upload HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.\(number)\r\n"
                try await drip.send(from + "Content-Length: 1000000\r\n\r\n")
                try await drip.send([UInt8](repeating: 120, count: 60_000))
                drips.append(drip)
            }
            try await waitForHeldBytes(of: server) { $0 > 450_000 }
            #expect(observer.seen.bodyEnds.isEmpty)
        }
    }

    /// The server also holds half a head, and input behind a request that has no response yet.
    @Test func headsAndWaitingInput_countAgainstTheBudget() async throws {
        let gate = Gate()
        let observer = RecordingObserver()
        try await withServer(configuration(), observer: observer) { router in
            routes(&router)
            router.post("/slow", says("slow", behind: gate))
        } _: { port, server in
            var heads: [RawClient] = []
            for _ in 0..<4 {
                let client = try RawClient(port: port)
                try await client.send("GET /a HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))")
                heads.append(client)
                try await waitForHeldBytes(of: server) { $0 >= 20_000 * heads.count }
            }
            let waits = try await RawClient(port: port, sending: post("/slow", "a"))
            try await waits.send("GET /a HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))")
            try await waitForHeldBytes(of: server) { $0 >= 100_000 }
            let body = try await RawClient(port: port, sending: Self.head(1_000_000))
            try await body.send([UInt8](repeating: 120, count: 200_000))
            // The slowest bodies of this address end until the rest fits.
            #expect(try await heads[0].response().status == 408)
            gate.open()
            heads = []
            #expect(observer.seen.bodyEnds.allSatisfy { $0 == .address })
        }
    }

    @Test func messageInFragments_countsAgainstTheBudget() async throws {
        var configuration = configuration()
        configuration.bodies.bytesPerAddress = 100_000
        let observer = RecordingObserver()
        try await withServer(configuration, observer: observer, routes: serveEcho) { port, server in
            var sockets: [TestWebSocketClient] = []
            for number in 0..<3 {
                let socket = try await TestWebSocketClient(port: port, path: "/echo")
                // The first fragment of a binary message that never ends.
                var fragment = TestWebSocketClient.frame(.binary, [UInt8](repeating: 1, count: 40_000))
                fragment[0] &= 0x7f
                try await socket.raw.send(fragment)
                sockets.append(socket)
                try await waitForHeldBytes(of: server) { $0 >= min(number + 1, 2) * 40_000 }
            }
            #expect(
                try await sockets[0].next()
                    == .close(.tryAgainLater, reason: Array("A message arrived too slowly.".utf8)))
            #expect(server.heldBodyBytes <= 100_000 && observer.seen.bodyEnds == [.address])
        }
    }

    @Test func body_leavesTheBudget_whenItsConnectionStalls() async throws {
        var configuration = configuration()
        configuration.timeouts.writeStall = .milliseconds(80)
        let observer = RecordingObserver()
        try await withServer(configuration, observer: observer) { router in
            routes(&router)
            router.get("/big") { _ in
                .now(Response(.ok, body: .bytes([UInt8](repeating: 1, count: 20_000_000))))
            }
        } _: { port, server in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            try await client.send(
                Self.head(1_000) + "half" + String(repeating: "x", count: 996)
                    + get("/big")
                    + Self.head(1_000) + "half")
            await observer.nextConnectionClose()
            #expect(server.heldBodyBytes == 0)
            withExtendedLifetime(client) {}
        }
    }

    @Test func bodyEnd_isCounted_whenTheBodyIsTooSlow() async throws {
        let observer = RecordingObserver()
        var configuration = configuration()
        configuration.timeouts.body = .milliseconds(40)
        try await withServer(configuration, observer: observer, routes: routes) { port, server in
            let client = try await RawClient(port: port, sending: Self.head(100) + "abc")
            #expect(try await client.response().status == 408)
            #expect(observer.seen.bodyEnds == [.rate])
            #expect(server.heldBodyBytes == 0)
        }
    }

    @Test func bodyEnd_isCounted_whenTheBodyTakesTooLongInAll() async throws {
        let observer = RecordingObserver()
        var configuration = configuration()
        configuration.timeouts.bodyTotal = .milliseconds(40)
        try await withServer(configuration, observer: observer, routes: routes) { port, server in
            let client = try RawClient(port: port)
            try await client.send(Self.head(100_000) + String(repeating: "x", count: 50_000))
            #expect(try await client.response().status == 408)
            #expect(observer.seen.bodyEnds == [.time])
        }
    }
}
