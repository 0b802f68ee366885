import Synchronization
import Testing

@testable import EventLoops

struct TurnEndTests {
    @Test(
        "What is added at the end of a turn runs at the end of the next one, without a reason to wake up",
        .timeLimit(.minutes(1)))
    func turnEnd_keepsTheLoopAwake() async throws {
        let loop = try EventLoop(label: "test.turn-end")
        loop.start()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                loop.atEndOfTurn { loop.atEndOfTurn { loop.atEndOfTurn { continuation.resume() } } }
            }
        }
        await loop.stop()
    }

    @Test("A loop that is stopped does first what is left for the ends of its turns")
    func stop_waitsForTurnEnds() async throws {
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
