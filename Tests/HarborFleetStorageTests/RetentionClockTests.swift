import HarborFleet
import Testing

@testable import HarborFleetStorage

struct RetentionClockTests {
    private let start = StorageBench.now

    private func later(hours: Int) -> Timestamp { start.advanced(by: .seconds(hours * 3_600)) }

    /// The clock after these readings, in hours after the start.
    private func clock(believed: Timestamp?, readings: [Int]) -> RetentionClock {
        var clock = RetentionClock(believed: believed)
        for hours in readings { clock.read(later(hours: hours)) }
        return clock
    }

    @Test func firstReading_isBelieved_whenNothingWasStored() {
        #expect(clock(believed: nil, readings: [9_999]) == RetentionClock(believed: later(hours: 9_999)))
    }

    @Test(arguments: [1, 48])
    func reading_isBelieved_nearTheLastOne(hours: Int) {
        #expect(clock(believed: start, readings: [hours]) == RetentionClock(believed: later(hours: hours)))
    }

    /// A machine without a battery starts in 1970 each time. Its next right reading must not count as a leap.
    @Test(arguments: [-1, -99_999])
    func reading_isNotKept_behindTheLastOne(hours: Int) {
        #expect(clock(believed: start, readings: [hours]) == RetentionClock(believed: start))
        #expect(clock(believed: start, readings: [hours, 24]) == RetentionClock(believed: later(hours: 24)))
    }

    /// The machine runs for three hours a week.
    @Test func rarelyUsedMachine_isBelievedInTheEnd() {
        let weeks = (1...12).flatMap { week in (0...3).map { week * 168 + $0 } }
        #expect(clock(believed: start, readings: weeks).believed != start)
    }

    @Test(arguments: [49, 5 * 365 * 24])
    func leap_isBelieved_afterItLastedForADay(leap: Int) {
        var clock = clock(believed: start, readings: Array(leap...(leap + 23)))
        #expect(clock.believed == start && clock.doubt != nil)
        clock.read(later(hours: leap + 24))
        #expect(clock == RetentionClock(believed: later(hours: leap + 24)))
        #expect(clock.doubt == nil)
    }

    @Test func undoneLeap_leavesNoDoubt_andTheNextIsObservedFromTheStart() {
        let leap = 1_000
        var clock = clock(believed: start, readings: Array(leap...(leap + 23)) + [1])
        #expect(clock == RetentionClock(believed: later(hours: 1)))
        clock.read(later(hours: leap + 24))
        #expect(clock.believed == later(hours: 1) && clock.observed == .zero)
    }

    @Test func unobservedTime_countsForLittle() {
        let clock = clock(believed: start, readings: [100, 140])
        #expect(clock.believed == start && clock.observed == .seconds(7_200))
    }

    @Test func leapBack_isObservedFromTheStart() {
        let clock = clock(believed: start, readings: Array(100...120) + [120 - 49])
        #expect(clock.believed == start && clock.observed == .zero)
    }

    @Test func smallStepBack_doesNotEndTheObservation() {
        let clock = clock(believed: start, readings: [100, 101, 100, 101])
        #expect(clock.observed == .seconds(7_200))
    }
}
