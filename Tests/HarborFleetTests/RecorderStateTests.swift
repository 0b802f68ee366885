import HarborFleetTesting
import Supervision
import Testing

@testable import HarborFleet

/// The decisions of the recorder at instants that the tests choose.
@Suite struct RecorderStateTests {
    private func state(_ fixes: [Int], at times: [Double]? = nil) throws -> RecorderState<Int> {
        var state = RecorderState<Int>(RecorderConfiguration())
        state.started()
        for (index, fixes) in fixes.enumerated() {
            let post = try Samples.pendingPost("v", fixes: fixes)
            #expect(state.roomWanted(rows: fixes, bytes: 1, now: start) == nil)
            let entry = entry(post, index, cameAfter: times?[index] ?? 0)
            let isTaken = state.submitted(entry) != nil
            #expect(isTaken)
        }
        return state
    }

    private let start = ContinuousClock.now

    /// A POST that arrives `seconds` after the start.
    private func entry(
        _ post: PendingPost, _ waiter: Int, cameAfter seconds: Double = 0
    ) -> RecorderState<Int>.Entry {
        let came = start + .seconds(seconds)
        return .init(post: post, waiter: waiter, deadline: came + RecorderConfiguration().maximumAge)
    }

    @Test func takeUnit_splitsAtTheSizeOfABatch_andTakesAtLeastOnePost() throws {
        var state = try state([900, 900, 300, 2500, 1])
        var units: [[Int]] = []
        while case let unit = state.takeUnit(for: 0, now: start), !unit.entries.isEmpty {
            units.append(unit.entries.map(\.waiter))
            #expect(state.unitEnded(unit.number) == .init())
        }
        #expect(units == [[0, 1], [2], [3], [4]])
    }

    @Test func takeUnit_leavesOutPosts_thatHaveWaitedTooLong() throws {
        var state = try state([1, 1, 1], at: [0, 1, 2])
        let unit = state.takeUnit(for: 0, now: start + .milliseconds(5_999))
        #expect(unit.overdue.map(\.waiter) == [0, 1])
        #expect(unit.entries.map(\.waiter) == [2])
    }

    @Test func takeUnit_leavesOutPosts_withTooLittleTimeForATransaction() throws {
        var state = try state([1, 1], at: [0, 1])
        #expect(state.overdue(now: start + .seconds(4)).isEmpty)
        let unit = state.takeUnit(for: 0, now: start + .seconds(4))
        #expect(unit.overdue.map(\.waiter) == [0])
        #expect(unit.entries.map(\.waiter) == [1])
    }

    @Test func earlierPost_standsBeforeLaterOnes_afterItsLookUp() throws {
        var state = try state([1, 1, 1], at: [2, 3, 1])
        #expect(state.nextLook() == start + .seconds(6))
        #expect(state.takeUnit(for: 0, now: start + .seconds(3)).entries.map(\.waiter) == [2, 0, 1])
    }

    @Test func postWithAnEarlierDeadline_wakesTheWatch() throws {
        var state = try state([1], at: [3])
        #expect(state.nextLook() == start + .seconds(8))
        var wakes: [Bool?] = []
        for (waiter, since) in [(1, 4.0), (2, 1), (3, 2)] {
            let entry = entry(try Samples.pendingPost("v"), waiter, cameAfter: since)
            wakes.append(state.submitted(entry)?.watch)
        }
        #expect(wakes == [false, true, false])
    }

    @Test func batchWithLittleTime_doesNotOpenTheBreaker() throws {
        var state = try state([1, 1, 1, 1], at: [0, 0, 6, 6])
        #expect(state.takeUnit(for: 0, now: start + .milliseconds(3_900)).entries.count == 4)
        #expect(state.lateInUnits(now: start + .seconds(5)).map(\.waiter) == [0, 1])
        #expect(state.storeFailure == nil)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(5)) == nil)
        #expect(state.lateInUnits(now: start + .seconds(11)).map(\.waiter) == [2, 3])
        #expect(state.storeFailure != nil)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start + .seconds(11)) == .breakerOpen)
    }

    @Test func latePost_isNotTried() throws {
        var state = try state([1, 1], at: [0, 1])
        let unit = state.takeUnit(for: 0, now: start).number
        #expect(state.worthTrying(0..<1, of: unit, now: start + .seconds(5)) == nil)
        #expect(state.worthTrying(0..<2, of: unit, now: start + .seconds(5))?.until == start + .seconds(6))
    }

    @Test func postInABatch_isAnsweredOnce() throws {
        var state = try state([1, 1, 1, 1], at: [0, 1, 2, 3])
        let taken = state.takeUnit(for: 0, now: start + .seconds(3))
        #expect(taken.entries.count == 4)
        let unit = taken.number
        #expect(state.nextLook() == start + .seconds(5))
        #expect(state.settled(0..<1, of: unit) == 0..<1)
        #expect(state.nextLook() == start + .seconds(6))
        #expect(state.lateInUnits(now: start + .seconds(5)).isEmpty)
        #expect(state.lateInUnits(now: start + .seconds(6)).map(\.waiter) == [1])
        let rest = state.worthTrying(1..<3, of: unit, now: start + .seconds(6))
        #expect(rest?.part == 2..<3 && rest?.until == start + .seconds(7))
        #expect(state.worthTrying(1..<2, of: unit, now: start + .seconds(6)) == nil)
        #expect(state.settled(1..<3, of: unit) == 2..<3)
        #expect(state.settled(1..<3, of: unit).isEmpty)
        #expect(state.lateInUnits(now: start + .seconds(60)).map(\.waiter) == [3])
        #expect(state.settled(3..<4, of: unit).isEmpty)
        #expect(state.nextLook() == nil)
    }

    @Test func batch_waits_whileTheMostAreUnderWay() throws {
        var state = try state([2000, 2000, 2000, 1])
        let numbers = (0..<3).map { state.takeUnit(for: $0, now: start).number }
        state.started()
        let none = state.takeUnit(for: 0, now: start)
        #expect(none.entries.isEmpty && none.wakeUps == .init())
        let second = entry(try Samples.pendingPost("v"), 4)
        #expect(state.submitted(second)?.writer == nil)
        #expect(state.unitEnded(numbers[1]) == .init(writer: 0))
        let next = state.takeUnit(for: 0, now: start)
        #expect(next.entries.map(\.waiter) == [3, 4])
        // The late end of an old batch does not concern another one.
        #expect(state.settled(0..<1, of: numbers[1]).isEmpty)
        #expect(state.settled(0..<1, of: numbers[0]) == 0..<1)
        #expect(state.settled(0..<2, of: next.number) == 0..<2)
    }

    @Test func endOfAnAbandonedRun_doesNotConcernTheNextRun() throws {
        var state = RecorderState<Int>(RecorderConfiguration())
        let (first, second) = (state.started(), state.started())
        #expect(state.stopped(first).isEmpty)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start) == nil)
        _ = state.stopped(second)
        #expect(state.roomWanted(rows: 1, bytes: 1, now: start) == .closed)
    }

    @Test func submission_wakesOneWriter_andTheOtherForTheRest() throws {
        var state = try state([])
        for writer in 0..<2 {
            let unit = state.takeUnit(for: writer, now: start)
            #expect(unit.entries.isEmpty && unit.wakeUps == .init())
        }
        var wakeUps: [RecorderState<Int>.WakeUps?] = []
        for (index, fixes) in [1, 1, 2000].enumerated() {
            wakeUps.append(
                state.submitted(entry(try Samples.pendingPost("v", fixes: fixes), index)))
        }
        #expect(wakeUps == [.init(writer: 1, watch: true), .init(), .init()])
        let first = state.takeUnit(for: 1, now: start)
        #expect(first.entries.map(\.waiter) == [0, 1])
        #expect(first.wakeUps == .init(writer: 0))
        let second = state.takeUnit(for: 0, now: start)
        #expect(second.entries.map(\.waiter) == [2])
        #expect(second.wakeUps == .init())
    }

    @Test func nextLook_isTheEarliestDeadline() throws {
        var state = try state([1], at: [1])
        #expect(state.nextLook() == start + .seconds(6))
        #expect(state.overdue(now: start + .seconds(5)).isEmpty)
        #expect(state.overdue(now: start + .seconds(6)).count == 1)
        #expect(state.nextLook() == nil)
        let post = try Samples.pendingPost("v")
        let wakeUps = (1...2).map { index in
            state.submitted(entry(post, index))
        }
        #expect(wakeUps == [.init(watch: true), .init()])
    }
}
