import EventLoops
import HarborFleetTesting
import Testing

@testable import Endpoint

@Suite(.timeLimit(.minutes(1))) struct OutputStallTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: (1_000 + seconds) * 1_000_000_000)
    }

    @Test func takenBytes_moveTheStallForward_atTheLowestRate() {
        var stall = OutputStall(slowestBytesPerSecond: 1_000)
        #expect(stall.since == nil)
        stall.blocked(now: at(0))
        stall.blocked(now: at(5))
        #expect(stall.since == at(0))
        stall.taken(3_000, now: at(10))
        #expect(stall.since == at(3))
        stall.taken(0, now: at(11))
        #expect(stall.since == at(3))
        stall.taken(1_000_000, now: at(12))
        #expect(stall.since == at(12))
        stall.emptied()
        #expect(stall.since == nil)
    }

    @Test func takenByte_endsTheStall_withoutALowestRate() {
        var stall = OutputStall()
        stall.blocked(now: at(0))
        stall.taken(1, now: at(29))
        #expect(stall.since == at(29))
    }

    @Test func reader_isCut_whenItReadsTooSlowlyWithoutStopping() async throws {
        var configuration = EndpointConfiguration()
        configuration.timeouts.writeStall = .milliseconds(1)
        configuration.timeouts.writeBytesPerSecond = .max
        let body = [UInt8](repeating: 7, count: 96_000_000)
        try await withServer(configuration) { router in
            router.get("/large") { _ in .now(Response(.ok, body: .bytes(body))) }
        } _: { port, _ in
            let client = try await RawClient(port: port, sending: get("/large"))
            var received = 0
            while let bytes = try await client.someBytes() { received += bytes.count }
            #expect(received > 0 && received < body.count)
        }
    }
}
