import EventLoops
import Testing

@testable import Endpoint

@Suite struct HeldResponseTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func heldSlot_makesTheOthersWait_andHasNoDeadline() {
        var queue = ResponseQueue<String, Int>()
        let first = queue.reserve("first", deadline: at(1))
        let second = queue.reserve("second", deadline: at(2))
        queue.complete(first, 1)
        _ = queue.popReady(at: at(0))
        queue.hold("first", Task {})
        queue.complete(second, 2)
        let overtaken = queue.popReady(at: at(0))
        let overdue = queue.cancelOverdue(at: at(9))
        #expect(overtaken == nil && !queue.isFirstReady(at: at(0)) && !queue.isEmpty)
        #expect(queue.earliestDeadline == nil && overdue.isEmpty)
        queue.releaseFirst()
        let next = queue.popReady(at: at(0))
        #expect(next?.1 == 2)
        #expect(queue.isEmpty)
    }

    @Test func heldSlot_leavesTheNumbersOfTheOthersAlone() {
        var queue = ResponseQueue<String, Int>()
        queue.hold("stream", Task {})
        let next = queue.reserve("next", deadline: at(1))
        queue.releaseFirst()
        #expect(queue.awaited(next) == "next")
        queue.complete(next, 1)
        _ = queue.popReady(at: at(0))
        queue.hold("again", Task {})
        let last = queue.reserve("last", deadline: at(1))
        #expect(last != next && queue.awaited(last) == "last" && queue.awaited(next) == nil)
    }

    @Test func heldResponse_leavesAtItsInstant_andLaterOnesWaitForIt() {
        var queue = ResponseQueue<String, Int>()
        queue.append("held", 1, heldUntil: at(3))
        let reserved = queue.reserve("behind", deadline: at(9))
        queue.complete(reserved, 2, heldUntil: at(2))
        let early = queue.popReady(at: at(2))
        #expect(early == nil && !queue.isFirstReady(at: at(2)) && queue.isFirstReady(at: at(3)))
        // The request has its response, so it has no deadline any more.
        #expect(queue.earliestDeadline == nil)
        let first = queue.popReady(at: at(3))
        let second = queue.popReady(at: at(3))
        #expect(first?.1 == 1 && second?.1 == 2 && queue.isEmpty)
    }

    @Test func heldTask_isCancelledWithTheQueue() {
        var queue = ResponseQueue<String, Int>()
        let task = Task { await Gate().pass() }
        queue.hold("stream", task)
        queue.removeAll()
        #expect(task.isCancelled && queue.isEmpty)
    }
}
