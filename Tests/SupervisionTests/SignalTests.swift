import Testing

@testable import Supervision

@Suite("Signal", .timeLimit(.minutes(1)))
struct SignalTests {
    private let signal = Signal()

    @Test func `However often it is raised it wakes once`() async {
        for _ in 0..<3 { signal.raise() }
        #expect(await signal.wait())
        #expect(signal.raised.count == 0)
    }

    @Test func `It wakes a waiter, and a cancelled one leaves it raised`() async {
        let waiter = Task { [signal] in await signal.wait() }
        signal.raise()
        #expect(await waiter.value)
        let cancelled = Task { [signal] in
            await cancellation()
            return await signal.wait()
        }
        signal.raise()
        cancelled.cancel()
        #expect(await !cancelled.value)
        #expect(signal.raised.count == 1)
    }

    @Test func `A shielded body runs to its end in a cancelled task`() async {
        let task = Task {
            await cancellation()
            let ended = Signal()
            await shielded {
                await Task.yield()
                if !Task.isCancelled { ended.raise() }
            }
            return ended.raised.count == 1
        }
        task.cancel()
        #expect(await task.value)
    }
}
