import HarborFleetTesting
import Testing

@testable import StoreCache

@Suite(.timeLimit(.minutes(1))) struct ColdLaneTests {
    private func network(_ bits: UInt64) -> Requester { .network(bits: bits, isIPv6: false) }

    @Test func requester_hasAShare_andLeavesRoomForOthers() {
        var limits = ColdLane.Limits()
        (limits.capacity, limits.share) = (8, 3)
        let lane = ColdLane(limits: limits)
        #expect((0..<100).count { _ in lane.admit(network(1)) } == 3)
        #expect(lane.admit(network(2)))
        #expect(lane.refused == (all: 0, share: 97))
        lane.release(network(1))
        #expect(lane.admit(network(1)))
        #expect(lane.waiting == 4)
    }

    @Test func requesters_fillAtMostTheCapacity() {
        var limits = ColdLane.Limits()
        (limits.capacity, limits.share) = (8, 3)
        let lane = ColdLane(limits: limits)
        let admitted = (0..<50).filter { lane.admit(network(UInt64($0))) }
        #expect(admitted == Array(0..<8) && lane.waiting == 8)
        #expect(lane.refused == (all: 42, share: 0))
        for bits in admitted { lane.release(network(UInt64(bits))) }
        #expect(lane.waiting == 0)
    }

    @Test func secondLookUp_waitsForThePauseAfterTheFirst() async throws {
        let clock = ManualClock()
        let lane = ColdLane(clock: clock)
        let start = clock.now()
        let first = Task { try await lane.run(for: network(1)) { clock.now() } }
        #expect(try await first.value == start, "the result waits for the pause")
        first.cancel()
        await clock.waitForSleepers(1)
        let second = Task { try await lane.run(for: network(2)) { clock.now() } }
        clock.advance(by: .milliseconds(5))
        #expect(try await second.value == start + .milliseconds(5))
        // The pause after it, too, ends before the clock goes away.
        await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(5))
    }

    @Test func cancelledCaller_looksNothingUp() async throws {
        let clock = ManualClock()
        let lane = ColdLane(clock: clock)
        _ = try await lane.run(for: network(1)) { 0 }
        await clock.waitForSleepers(1)
        let gone = Task {
            try await lane.run(for: network(2)) { Issue.record("the look-up ran") }
        }
        gone.cancel()
        clock.advance(by: .milliseconds(5))
        await #expect(throws: StoreError.self) { try await gone.value }
        #expect(lane.waiting == 0)
    }

    @Test func lookUp_isRefused_withoutRoom() async throws {
        let lane = ColdLane()
        for _ in 0..<8 { #expect(lane.admit(network(1))) }
        await #expect(throws: StoreError.noRoom) {
            try await lane.run(for: network(1)) { Issue.record("the look-up ran") }
        }
        #expect(lane.refused == (all: 0, share: 1))
    }
}
