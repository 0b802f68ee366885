import HarborFleetTesting
import HarborFleetWebTesting
import Testing

@testable import HarborFleet
@testable import HarborFleetAPI

/// A POST gets its response in time, whatever it waits for. The look-up of its secrets goes on.
@Suite(.timeLimit(.minutes(1))) struct PostTimeTests {
    @Test func post_is503WithRetryAfter_whenItsSecretsTakeTooLong() async throws {
        let clock = ManualClock()
        try await WebServer.with(recorderClock: clock) { server in
            var held = server.store.hold().makeAsyncIterator()
            async let response = server.post(["van-1"])
            _ = await held.next()
            clock.advance(by: .seconds(4))
            let late = try await response
            #expect(late.status == 503 && late["Retry-After"] == "1")
            #expect(server.fixes.count == 0)
            server.store.release()
            let north = try #require(FleetID("north"))
            // This is a poll, because no event says that a look-up has ended whose caller has its response already.
            try await waitUntil { server.keys.knownKeys(of: north)?.count == 1 }
            #expect(server.store.secretLookUps == 1)
            #expect(try await server.post(["van-1"]).status == 202)
        }
    }
}
