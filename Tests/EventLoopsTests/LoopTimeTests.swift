import Testing

@testable import EventLoops

@Suite struct LoopTimeTests {
    private func at(_ milliseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000_000 + milliseconds * 1_000_000)
    }

    /// The arguments are milliseconds: from one turn to the next, the longest wait, and how late the turn is.
    @Test(
        arguments: [
            (10, 10, 0), (10, 0, 0), (5_000, 5_000, 0), (5_000, 25_000, 0), (5_999, 5_000, 0),
            (6_000, 5_000, 1_000),
            (70_000, 8_000, 62_000), (3_000, 0, 3_000), (70_000, -1, 0),
        ] as [(UInt64, CInt, UInt64)])
    func turn_isLate_byTheTimeThatItsWaitDoesNotExplain(_ gap: UInt64, _ wait: CInt, _ late: UInt64) {
        var time = LoopTime(now: at(0))
        time.turnBegan(at: at(gap), afterWaiting: wait)
        #expect(time.now == at(gap) && time.peerNow == at(gap - late))
        #expect(time.instant(ofPeerTime: at(100_000)) == at(100_000 + late))
    }

    @Test func lateTurns_addUp() {
        var time = LoopTime(now: at(0))
        time.turnBegan(at: at(2_000), afterWaiting: 0)
        time.turnBegan(at: at(2_008), afterWaiting: 8)
        time.turnBegan(at: at(7_008), afterWaiting: 1_000)
        #expect(time.peerNow == at(1_008))
    }

    @Test func clock_isNotLate_whenItStandsStill() {
        var time = LoopTime(now: at(5))
        time.turnBegan(at: at(5), afterWaiting: 0)
        time.turnBegan(at: at(4), afterWaiting: 0)
        #expect(time.peerNow == time.now)
    }
}
