import Testing

@testable import EventLoops

@Suite struct LatenessTests {
    private func at(_ milliseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    /// Milliseconds from one turn to the next, how long the wait might last, and what counts as late.
    @Test(
        arguments: [
            (10, 10, 0), (10, 0, 0), (5_000, 5_000, 0), (5_000, 25_000, 0), (5_999, 5_000, 0),
            (6_000, 5_000, 1_000),
            (70_000, 8_000, 62_000), (3_000, 0, 3_000), (70_000, -1, 0),
        ] as [(UInt64, CInt, UInt64)])
    func aTurn_isLate_byWhatItsWaitDoesNotExplain(_ gap: UInt64, _ wait: CInt, _ late: UInt64) {
        var lateness = Lateness()
        lateness.turnBegan(at: at(gap), previous: at(0), afterWaiting: wait)
        #expect(lateness.nanoseconds == late * 1_000_000)
    }

    @Test func lateTurns_addUp() {
        var lateness = Lateness()
        lateness.turnBegan(at: at(2_000), previous: at(0), afterWaiting: 0)
        lateness.turnBegan(at: at(2_008), previous: at(2_000), afterWaiting: 8)
        lateness.turnBegan(at: at(7_008), previous: at(2_008), afterWaiting: 1_000)
        #expect(lateness.nanoseconds == 6_000_000_000)
    }

    @Test func aClockThatStandsStill_isNotLate() {
        var lateness = Lateness()
        lateness.turnBegan(at: at(5), previous: at(5), afterWaiting: 0)
        lateness.turnBegan(at: at(4), previous: at(5), afterWaiting: 0)
        #expect(lateness.nanoseconds == 0)
    }
}
