import EventLoops
import Testing

@testable import Broadcast

struct PaceStateTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    /// A pace whose first pass is under way.
    private func underWay() -> PaceState {
        var pace = PaceState()
        #expect(pace.messagesCame(now: start) == .serve)
        return pace
    }

    /// Serves `members` in slices. Each send takes `send`, and the loop does other work for `other` after each slice.
    /// - Returns: the number of slices, and how long the next pass waits after the end of this one.
    private func pass(members: Int, send: Duration, other: Duration) -> (slices: Int, rest: Duration?) {
        var pace = underWay()
        var slices = Slices(0..<members)
        var now = start
        for slice in 1... {
            let took = send * slices.next().count
            now = now.advanced(by: took)
            guard slices.isDone else {
                #expect(pace.sliceEnded(after: took, isLast: false, now: now) == .serveNextTurn)
                now = now.advanced(by: other)
                continue
            }
            #expect(pace.sliceEnded(after: took, isLast: true, now: now) == .none)
            guard case .wait(let instant) = pace.messagesCame(now: now) else { return (slice, nil) }
            return (slice, instant.since(now))
        }
        return (0, nil)
    }

    @Test(
        arguments: [
            (1, 1, nil), (49, 1, nil), (50, 1, .microseconds(500)), (256, 1, .microseconds(2_560)),
            (257, 2, .microseconds(2_570)), (512, 2, .microseconds(5_120)), (1_000, 4, .microseconds(10_000)),
            (5_000, 20, .microseconds(50_000)),
        ] as [(Int, Int, Duration?)])
    func rest_lastsTwiceAsLongAsThePass(members: Int, slices: Int, rest: Duration?) {
        let found = pass(members: members, send: .microseconds(5), other: .milliseconds(3))
        #expect(found.slices == slices)
        #expect(found.rest == rest)
    }

    @Test func rest_growsWithTheTimeOfASlowSlice() {
        var pace = underWay()
        for took in [Duration.milliseconds(1), .milliseconds(20)] {
            #expect(pace.sliceEnded(after: took, isLast: false, now: start) == .serveNextTurn)
        }
        #expect(pace.sliceEnded(after: .milliseconds(1), isLast: true, now: start) == .none)
        #expect(pace.messagesCame(now: start) == .wait(until: start.advanced(by: .milliseconds(44))))
        // The slices of one pass do not count for the next.
        #expect(pace.sliceEnded(after: .milliseconds(1), isLast: true, now: start) == .none)
        #expect(pace.messagesCame(now: start) == .wait(until: start.advanced(by: .milliseconds(2))))
    }

    @Test func messages_beginAPassAtOnce_whenTheRestIsOver() {
        var pace = underWay()
        #expect(pace.sliceEnded(after: .milliseconds(1), isLast: true, now: start) == .none)
        #expect(pace.messagesCame(now: start.advanced(by: .milliseconds(2))) == .serve)
    }

    @Test func messages_waitForTheEndOfThePassAndTheRest_whenAPassIsUnderWay() {
        var pace = underWay()
        #expect(pace.messagesCame(now: start) == .none)
        let end = start.advanced(by: .milliseconds(5))
        #expect(
            pace.sliceEnded(after: .milliseconds(5), isLast: true, now: end)
                == .wait(until: end.advanced(by: .milliseconds(10))))
        #expect(pace.sliceEnded(after: .zero, isLast: true, now: end) == .none)
    }

    @Test func messages_followInTheNextTurn_afterAShortPass() {
        var pace = underWay()
        #expect(pace.messagesCame(now: start) == .none)
        #expect(pace.sliceEnded(after: .microseconds(249), isLast: true, now: start) == .serveNextTurn)
    }
}
