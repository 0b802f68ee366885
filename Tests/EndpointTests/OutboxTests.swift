import EventLoops
import Testing

@testable import Endpoint

@Suite struct OutboxTests {
    /// Takes everything from the outbox, at most `step` bytes at a time.
    private func drained(_ outbox: inout Outbox, step: Int) -> [UInt8] {
        var scratch: [UInt8] = []
        var result: [UInt8] = []
        while !outbox.isEmpty {
            let taken = outbox.withNextBytes(joinedIn: &scratch) { bytes in
                Array(copying: bytes.extracting(0..<min(step, bytes.count)))
            }
            result += taken
            outbox.consume(taken.count)
        }
        return result
    }

    @Test(arguments: [1, 3, 7, 100, 100_000])
    func bytes_leaveInOrder_inPiecesOfAnySize(_ step: Int) {
        var outbox = Outbox()
        var expected: [UInt8] = []
        for index in 0..<100 {
            let piece = [UInt8](repeating: UInt8(index), count: index * 7)
            expected += piece
            if index % 3 == 0 { outbox.append(sharing: piece) } else { outbox.append(copying: piece.span) }
        }
        #expect(outbox.byteCount == expected.count)
        #expect(drained(&outbox, step: step) == expected)
        #expect(outbox.byteCount == 0)
    }

    @Test func sharedBytes_startAtTheirOffset() {
        var outbox = Outbox()
        outbox.append(sharing: [1, 2, 3, 4], from: 2)
        outbox.append(sharing: [5, 6, 7], from: 1)
        #expect(outbox.byteCount == 4)
        #expect(drained(&outbox, step: 2) == [3, 4, 6, 7])
    }

    @Test func discarding_keepsAChunkThatIsPartlySent() {
        var outbox = Outbox()
        outbox.append(sharing: [1, 2, 3])
        outbox.append(sharing: [4, 5, 6])
        outbox.consume(1)
        outbox.discardUnstarted()
        outbox.append(copying: [9].span)
        #expect(drained(&outbox, step: 9) == [2, 3, 9])
    }

    @Test func discarding_dropsEverything_whenNoChunkIsPartlySent() {
        var outbox = Outbox()
        outbox.append(sharing: [1, 2, 3])
        outbox.discardUnstarted()
        #expect(outbox.isEmpty)
    }
}

private typealias Queue = ResponseQueue<String, Int>

private func popReady(_ queue: inout Queue) -> (String, Int)? {
    queue.popReady(at: MonotonicInstant(nanoseconds: 0))
}

private func cancelOverdue(_ queue: inout Queue, at now: MonotonicInstant) -> [UInt64] {
    queue.cancelOverdue(at: now)
}

@Suite struct ResponseQueueTests {
    private func instant(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func responses_leaveInTheOrderOfTheirRequests() {
        var queue = Queue()
        let first = queue.reserve("a", deadline: instant(5))
        let second = queue.reserve("b", deadline: instant(3))
        queue.append("c", 3)
        queue.complete(second, 2)
        #expect(popReady(&queue) == nil)
        queue.complete(first, 1)
        #expect(popReady(&queue).map { $0.1 } == 1)
        #expect(popReady(&queue).map { $0.1 } == 2)
        #expect(popReady(&queue).map { $0.1 } == 3)
        #expect(queue.isEmpty)
    }

    @Test func response_isTakenOnce() {
        var queue = Queue()
        let number = queue.reserve("a", deadline: instant(5))
        queue.complete(number, 1)
        queue.complete(number, 2)
        #expect(queue.awaited(number) == nil)
        #expect(popReady(&queue).map { $0.1 } == 1)
        queue.complete(number, 3)
        #expect(popReady(&queue) == nil)
    }

    @Test func overdueResponses_areNamed() {
        var queue = Queue()
        let first = queue.reserve("a", deadline: instant(5))
        let second = queue.reserve("b", deadline: instant(3))
        #expect(queue.earliestDeadline == instant(3))
        #expect(cancelOverdue(&queue, at: instant(4)) == [second])
        queue.complete(second, 2)
        #expect(queue.earliestDeadline == instant(5))
        #expect(cancelOverdue(&queue, at: instant(5)) == [first])
    }
}
