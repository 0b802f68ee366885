import HarborFleetTesting
import Testing

@testable import StoreCache

@Suite(.timeLimit(.minutes(1))) struct ColdLaneTests {
    private func network(_ bits: UInt64) -> Requester { .network(bits: bits, isIPv6: false) }

    @Test func aRequester_hasAShare_andLeavesRoomForOthers() {
        var state = LaneSharesState()
        let admitted = (0..<100).filter { _ in state.admit(network(1), capacity: 8, share: 3) }
        #expect(admitted.count == 3)
        let isOtherAdmitted = state.admit(network(2), capacity: 8, share: 3)
        #expect(isOtherAdmitted)
        #expect(state.refusedOfShare == 97)
        state.release(network(1))
        let isAdmittedAgain = state.admit(network(1), capacity: 8, share: 3)
        #expect(isAdmittedAgain)
        #expect(state.taken == 4)
    }

    @Test func manyRequesters_fillNoMoreThanTheCapacity() {
        var state = LaneSharesState()
        for bits in 0..<50 { _ = state.admit(network(UInt64(bits)), capacity: 8, share: 3) }
        #expect(state.taken == 8)
        for bits in 0..<50 { state.release(network(UInt64(bits))) }
        #expect(state.taken == 0)
    }

    @Test func aSecondLookUp_waitsForThePauseAfterTheFirst_alsoWhenItsCallerGoes() async throws {
        let clock = ManualClock()
        let lane = ColdLane(clock: clock)
        let start = clock.now()
        let first = Task { try await lane.run(for: network(1)) { clock.now() } }
        #expect(try await first.value == start, "the answer does not wait for the pause")
        first.cancel()
        await clock.waitForSleepers(1)
        let second = Task { try await lane.run(for: network(2)) { clock.now() } }
        clock.advance(by: .milliseconds(5))
        #expect(try await second.value == start + .milliseconds(5))
    }

    @Test func aCallerThatGoesWhileItWaits_asksNothing() async throws {
        let clock = ManualClock()
        let lane = ColdLane(clock: clock)
        _ = try await lane.run(for: network(1)) { 0 }
        await clock.waitForSleepers(1)
        let gone = Task {
            try await lane.run(for: network(2)) { Issue.record("it was asked") }
        }
        gone.cancel()
        clock.advance(by: .milliseconds(5))
        await #expect(throws: StoreError.self) { try await gone.value }
        #expect(lane.waiting == 0)
    }

    @Test func withoutRoom_nothingIsAsked() async throws {
        let lane = ColdLane()
        for _ in 0..<8 { #expect(lane.admit(network(1))) }
        await #expect(throws: StoreError.noRoom) {
            try await lane.run(for: network(1)) { Issue.record("it was asked") }
        }
        #expect(lane.refused == (all: 0, share: 1))
    }
}
