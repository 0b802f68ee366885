import Foundation
import HarborFleetTesting
import Testing

/// A process that was stopped and goes on, as when its machine slept.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StoppedProcessTests {
    /// A head may take 10 s. Half of one was sent before the stop.
    @Test func headOfARequest_isStillAccepted_whenTheServerWasStoppedForLongerThanItMayTake() async throws {
        let server = try await ServerProcess()
        try await server.start()
        let client = try RawClient(port: server.publicPort)
        try await client.send("GET /health HTTP/1.1\r\nHost: loc")
        let api = APIClient(port: server.publicPort)
        #expect(try await api.get("/health").status == 200)
        server.send(SIGSTOP)
        // The test is about time that passes, and no setting shortens the time for a head.
        try await Task.sleep(for: .seconds(10.2))
        server.send(SIGCONT)
        for _ in 0..<4 { #expect(try await api.get("/health").status == 200) }
        try await client.send("alhost\r\n\r\n")
        #expect(try await client.response().status == 200)
    }
}
