import EventLoops
import Testing

@testable import Endpoint

@Suite struct HeldAnswerTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func aPlaceThatIsHeld_makesTheOthersWait_andHasNoDeadline() {
        var queue = AnswerQueue<String, Int>()
        let first = queue.reserve("first", deadline: at(1))
        let second = queue.reserve("second", deadline: at(2))
        queue.complete(first, 1)
        _ = queue.popReady()
        queue.hold("first", Task {})
        queue.complete(second, 2)
        let overtaken = queue.popReady()
        let overdue = queue.cancelOverdue(at: at(9))
        #expect(overtaken == nil && queue.isFirstReady == false && queue.count == 2)
        #expect(queue.earliestDeadline == nil && overdue.isEmpty)
        queue.releaseFirst()
        let next = queue.popReady()
        #expect(next?.1 == 2)
        #expect(queue.isEmpty)
    }

    @Test func aPlaceThatIsHeld_leavesTheNumbersOfTheOthersAlone() {
        var queue = AnswerQueue<String, Int>()
        queue.hold("stream", Task {})
        let next = queue.reserve("next", deadline: at(1))
        queue.releaseFirst()
        #expect(queue.awaited(next) == "next")
        queue.complete(next, 1)
        _ = queue.popReady()
        queue.hold("again", Task {})
        let last = queue.reserve("last", deadline: at(1))
        #expect(last != next && queue.awaited(last) == "last" && queue.awaited(next) == nil)
    }

    @Test func aTaskWhosePlaceIsHeld_isCancelledWithTheQueue() {
        var queue = AnswerQueue<String, Int>()
        let task = Task { await Gate().pass() }
        queue.hold("stream", task)
        queue.removeAll()
        #expect(task.isCancelled && queue.isEmpty)
    }
}
