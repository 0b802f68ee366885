import Dispatch
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1))) struct BlockingLanesTests {
    @Test func hangingCalls_delayNoOther_whileALaneIsFree() async {
        let lanes = BlockingLanes("test.lanes", count: 3, depth: 2)
        let gate = DispatchSemaphore(value: 0)
        for _ in 0..<2 { #expect(lanes.run { gate.wait() }) }
        for _ in 0..<20 {
            let isRun = await withCheckedContinuation { continuation in
                if !lanes.run({ continuation.resume(returning: true) }) {
                    continuation.resume(returning: false)
                }
            }
            #expect(isRun)
        }
        // This is a poll, because no event says that the free lane has counted the end of its last call.
        for _ in 0..<4 { while !lanes.run({ gate.wait() }) { await Task.yield() } }
        #expect(!lanes.run {})
        for _ in 0..<6 { gate.signal() }
        await withCheckedContinuation { continuation in
            // This is a poll, because no event says that a lane has counted the end of a call.
            while !lanes.run({ continuation.resume() }) {}
        }
    }
}
