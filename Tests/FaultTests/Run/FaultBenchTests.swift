import Glibc
import HarborFleetTesting
import Testing

/// The bench of the fault run begins and ends its faults as it should.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FaultBenchTests {
    /// SIGTERM ends a process by the kernel that has not set up its handler yet. That is no failure of the server.
    @Test func serverThatWasStoppedBeforeItBegan_startsAgain() async throws {
        let bench = try await FaultBench(reconcile: "1")
        try await bench.begin(.killServer)()
        try await bench.begin(.stopServer)()
        try await bench.server.waitUntilReady()
        // The log of a life contains nothing of earlier ones.
        #expect(bench.server.log.hasSuffix(bench.server.presentLog))
        #expect(bench.server.presentLog.contains("listening"))
        #expect(await bench.server.stop(SIGTERM) == .code(0))
    }
}
