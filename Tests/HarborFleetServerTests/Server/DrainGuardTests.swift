import Logging
import Supervision
import Synchronization
import Testing

@testable import HarborFleetServer

@Suite(.timeLimit(.minutes(1))) struct DrainGuardTests {
    /// A sibling and then the guard, under `restForOne` as in the server.
    private struct Tree {
        let lifecycle = Lifecycle()
        let failures = AsyncStream.makeStream(of: Void.self)
        let readies = AsyncStream.makeStream(of: Int.self)

        func run() async throws {
            let sibling = ChildSpec(id: "sibling") { [failures, readies] context in
                context.ready()
                readies.continuation.yield(context.restarts)
                for await _ in failures.stream { throw Failure() }
            }
            let guarding = DrainGuard(
                lifecycle: lifecycle, endpoints: [], delay: .zero, timeout: .seconds(20),
                logger: .silent)
            let supervisor = Supervisor(
                name: "server", strategy: .restForOne, children: [sibling] + guarding.service.children)
            try await lifecycle.run(supervisor) { [lifecycle, readies] in
                lifecycle.enter(.running)
                readies.continuation.yield(-1)
            }
        }
    }

    private struct Failure: Error {}

    @Test func server_keepsRunning_whenASiblingRestarts() async throws {
        let tree = Tree()
        var readies = tree.readies.stream.makeAsyncIterator()
        let run = Task { try await tree.run() }
        #expect(await readies.next() == 0)
        #expect(await readies.next() == -1)
        tree.failures.continuation.yield()
        #expect(await readies.next() == 1, "the sibling is back")
        #expect(tree.lifecycle.check.status == .ok)
        run.cancel()
        try await run.value
        #expect(tree.lifecycle.stage == .draining)
        #expect(tree.lifecycle.stopSignal == nil)
    }

    @Test func signal_isKept_whenTheTaskIsCancelledLater() {
        let lifecycle = Lifecycle()
        #expect(!lifecycle.isStopRequested)
        lifecycle.stopRequested(.terminate)
        lifecycle.stopRequested(nil)
        lifecycle.stopRequested(.interrupt)
        #expect(lifecycle.isStopRequested && lifecycle.stopSignal == .terminate)
    }
}
