import Synchronization
import Testing

@testable import EventLoops

@Suite(.timeLimit(.minutes(1))) struct TurnEndTests {
    /// Work that is added at the end of a turn runs at the end of the next one, although nothing else wakes the
    /// loop.
    @Test func workAtTheEndOfATurn_keepsTheLoopAwake() async throws {
        let loop = try EventLoop(label: "test.turn-end")
        loop.start()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                loop.atEndOfTurn { loop.atEndOfTurn { loop.atEndOfTurn { continuation.resume() } } }
            }
        }
        await loop.stop()
    }

    @Test func stop_doesTheWorkLeftForTheEndsOfTurns() async throws {
        let loop = try EventLoop(label: "test.turn-end.stop")
        loop.start()
        let done = Atomic<Int>(0)
        loop.execute {
            loop.atEndOfTurn {
                loop.atEndOfTurn { loop.atEndOfTurn { done.add(1, ordering: .relaxed) } }
            }
        }
        await loop.stop()
        #expect(done.load(ordering: .relaxed) == 1)
    }
}
