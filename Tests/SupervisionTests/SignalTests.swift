import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct SignalTests {
    private let signal = Signal()

    @Test func signal_wakesOnce_whenItIsRaisedSeveralTimes() async {
        for _ in 0..<3 { signal.raise() }
        #expect(await signal.wait())
        #expect(signal.raised.count == 0)
    }

    @Test func signal_wakesAWaiter_andStaysRaisedForACancelledOne() async {
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

    @Test func shieldedBody_runsToItsEnd_inACancelledTask() async {
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
