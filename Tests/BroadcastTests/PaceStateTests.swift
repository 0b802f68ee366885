import EventLoops
import Testing

@testable import Broadcast

struct PaceStateTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    /// A pace whose first pass has begun.
    private func underWay(minimumInterval: Duration = .zero) -> PaceState {
        var pace = PaceState(minimumInterval: minimumInterval)
        #expect(pace.messagesCame(now: start) == .begin)
        pace.passBegan()
        return pace
    }

    /// Serves `members` in slices; each send takes `send`, and the loop does other work for a while after each slice.
    /// - Returns: how many slices there were, and how long the next pass waits after the end of this one.
    private func pass(members: Int, send: Duration, other: Duration) -> (slices: Int, rest: Duration?) {
        var pace = underWay()
        var slices = Slices(Array(0..<members), size: 256)
        var now = start
        for slice in 1... {
            let took = send * slices.next().count
            now = now.advanced(by: took)
            if let spent = slices.sliceEnded(after: took) {
                #expect(pace.passEnded(after: spent, now: now) == .none)
                guard case .wait(let instant) = pace.messagesCame(now: now) else { return (slice, nil) }
                return (slice, instant.since(now))
            }
            now = now.advanced(by: other)
        }
        return (0, nil)
    }

    @Test(
        "The next pass waits for twice the sends of all slices",
        arguments: [
            (1, 1, nil), (49, 1, nil), (50, 1, .microseconds(500)), (256, 1, .microseconds(2_560)),
            (257, 2, .microseconds(2_570)), (512, 2, .microseconds(5_120)), (1_000, 4, .microseconds(10_000)),
            (5_000, 20, .microseconds(50_000)),
        ] as [(Int, Int, Duration?)])
    func rest_isTwiceThePass(members: Int, slices: Int, rest: Duration?) {
        let found = pass(members: members, send: .microseconds(5), other: .milliseconds(3))
        #expect(found.slices == slices)
        #expect(found.rest == rest)
    }

    @Test func slowSlice_extendsTheRest() {
        var pace = underWay()
        var slices = Slices(Array(0..<600), size: 256)
        var spent: Duration?
        for took in [Duration.milliseconds(1), .milliseconds(20), .milliseconds(1)] {
            #expect(spent == nil)
            _ = slices.next()
            spent = slices.sliceEnded(after: took)
        }
        #expect(spent == .milliseconds(22))
        #expect(pace.passEnded(after: spent ?? .zero, now: start) == .none)
        #expect(pace.messagesCame(now: start) == .wait(until: start.advanced(by: .milliseconds(44))))
    }

    @Test func messages_beginAPassAtOnce_whenTheRestIsOver() {
        var pace = underWay()
        #expect(pace.passEnded(after: .milliseconds(1), now: start) == .none)
        #expect(pace.messagesCame(now: start.advanced(by: .milliseconds(2))) == .begin)
    }

    @Test func messagesDuringAPass_waitForItsEndAndTheRest() {
        var pace = underWay()
        #expect(pace.messagesCame(now: start) == .none)
        let end = start.advanced(by: .milliseconds(5))
        #expect(
            pace.passEnded(after: .milliseconds(5), now: end)
                == .wait(until: end.advanced(by: .milliseconds(10))))
        // The pass is scheduled already.
        #expect(pace.messagesCame(now: end) == .none)
        pace.passBegan()
        #expect(pace.passEnded(after: .zero, now: end) == .none)
    }

    @Test func messagesDuringAShortPass_followAtOnce() {
        var pace = underWay()
        #expect(pace.messagesCame(now: start) == .none)
        #expect(pace.passEnded(after: .microseconds(249), now: start) == .begin)
    }

    @Test(arguments: [(0, 30), (10, 30), (20, 40)])
    func minimumInterval_isALowerBound(spentMilliseconds: Int, restMilliseconds: Int) {
        var pace = underWay(minimumInterval: .milliseconds(30))
        #expect(pace.passEnded(after: .milliseconds(spentMilliseconds), now: start) == .none)
        let next = start.advanced(by: .milliseconds(restMilliseconds))
        #expect(pace.messagesCame(now: start) == .wait(until: next))
    }
}
