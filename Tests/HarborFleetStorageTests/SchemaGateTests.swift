import Synchronization
import Testing

@testable import HarborFleetStorage

@Suite(.timeLimit(.minutes(1))) struct SchemaGateTests {
    @Test func wait_ends_whenTheGateOpens() async throws {
        let gate = SchemaGate()
        #expect(!gate.isOpen)
        try await gate.wait(untilOpen: false)
        async let opened: Void = gate.wait(untilOpen: true)
        gate.set(isOpen: true)
        try await opened
        #expect(gate.isOpen)
    }

    @Test func body_isCancelledWhenTheGateCloses_andStartsAgainWhenItOpens() async throws {
        let gate = SchemaGate()
        let (runs, run) = AsyncStream<String>.makeStream()
        let running = Task {
            try await gate.runWhileOpen {
                run.yield("started")
                defer { run.yield("ended") }
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        var seen = runs.makeAsyncIterator()
        gate.set(isOpen: true)
        #expect(await seen.next() == "started")
        gate.set(isOpen: false)
        #expect(await seen.next() == "ended")
        gate.set(isOpen: true)
        #expect(await seen.next() == "started")
        running.cancel()
        #expect(await seen.next() == "ended")
        await #expect(throws: (any Error).self) { try await running.value }
    }

    @Test func failureOfTheBody_isPassedOn() async throws {
        let gate = SchemaGate()
        gate.set(isOpen: true)
        await #expect(throws: Failure.self) { try await gate.runWhileOpen { throw Failure() } }
    }

    private struct Failure: Error {}
}
