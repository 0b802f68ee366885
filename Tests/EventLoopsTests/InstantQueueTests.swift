import Synchronization
import Testing

@testable import EventLoops

@Suite(.timeLimit(.minutes(1))) struct InstantQueueTests {
    private func at(_ nanoseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test func actions_areDueInTheOrderOfTheirInstants_thenOfInsertion() {
        var queue = InstantQueue()
        var done: [Int] = []
        for (number, due) in [(1, 20), (2, 10), (3, 20), (4, 30)] {
            queue.insert({ done.append(number) }, at: at(UInt64(due)))
        }
        #expect(queue.earliest == at(10))
        #expect(queue.due(at: at(9)).isEmpty)
        for action in queue.due(at: at(20)) { action() }
        #expect(done == [2, 1, 3] && queue.earliest == at(30))
        for action in queue.due(at: at(99)) { action() }
        #expect(done == [2, 1, 3, 4] && queue.earliest == nil && queue.due(at: at(99)).isEmpty)
    }

    @Test func nextMultiple_isAlwaysLater() {
        #expect(at(0).next(multipleOf: 10) == at(10))
        #expect(at(9).next(multipleOf: 10) == at(10))
        #expect(at(10).next(multipleOf: 10) == at(20))
        #expect(at(7).next(multipleOf: 0) == at(7))
    }

    /// The timer wheel would round the instant up to its own tick of 8 ms.
    @Test func loop_wakesForAnInstant_andNotBeforeIt() async throws {
        let loop = try EventLoop(label: "test.instants")
        loop.start()
        let (due, fired) = await withCheckedContinuation {
            (continuation: CheckedContinuation<(MonotonicInstant, MonotonicInstant), Never>) in
            loop.execute {
                let due = MonotonicInstant.read().advanced(by: .milliseconds(25))
                loop.schedule(exactlyAt: due) { continuation.resume(returning: (due, loop.now)) }
            }
        }
        #expect(fired >= due)
        await loop.stop()
    }
}
