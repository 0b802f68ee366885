import Endpoint
import HarborFleetTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RouteSlotTests {
    private final class Count: Sendable {
        let value: Int

        init(_ value: Int) { self.value = value }
    }

    /// Counts the requests with the same head in the kept value.
    private func routes(_ router: inout Router) {
        router.get("/count/:name") { request in
            let count = Count(((request.kept as? Count)?.value ?? 0) + 1)
            request.keep(count)
            return .now(text("\(count.value)"))
        }
    }

    @Test func keptValue_isThereForTheSameHeadOnly_onAnyConnection() async throws {
        try await withServer(routes: routes) { port, _ in
            for expected in ["1", "2"] {
                #expect(try await RawClient.get("/count/a", port: port).text == expected)
            }
            let client = try RawClient(port: port)
            for head in ["GET /count/b HTTP/1.1\r\nHost: h\r\n", "GET /count/a HTTP/1.1\r\nHost: i\r\n"] {
                try await client.send("\(head)\r\n")
                #expect(try await client.response().text == "1")
            }
        }
    }

    @Test func keptValue_isLost_whenTheHeadIsNotRemembered() async throws {
        try await withServer(routes: routes) { port, _ in
            let client = try RawClient(port: port)
            let long = String(repeating: "x", count: 2_000)
            for _ in 0..<2 {
                try await client.send("GET /count/a HTTP/1.1\r\nHost: h\r\nX: \(long)\r\n\r\n")
                #expect(try await client.response().text == "1")
            }
        }
    }
}
