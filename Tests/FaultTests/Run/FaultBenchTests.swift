import Glibc
import HarborFleetTesting
import Testing

/// The bench makes faults, and is not at fault itself.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FaultBenchTests {
    /// A server that has only just been started leaves SIGTERM to the kernel: no failure of its own.
    @Test func aServerStoppedBeforeItBegins_startsAgain() async throws {
        let bench = try await FaultBench(reconcile: "1")
        try await bench.begin(.killServer)()
        try await bench.begin(.stopServer)()
        try await bench.server.waitUntilReady()
        // What it wrote before counts for no later life.
        #expect(bench.server.log.hasSuffix(bench.server.presentLog))
        #expect(bench.server.presentLog.contains("listening"))
        #expect(await bench.server.stop(SIGTERM) == .code(0))
    }
}
