import Testing

@testable import Postgres

struct PoolStateTests {
    private func runningPool(size: Int, maximumWaiting: Int = 2) -> PoolState {
        var state = PoolState(size: size, maximumWaiting: maximumWaiting)
        _ = state.started()
        for slot in 0..<size { _ = state.connected(slot) }
        return state
    }

    @Test func started_connectsEverySlot_once() {
        var state = PoolState(size: 2, maximumWaiting: 1)
        #expect(state.started() == [.connect(0), .connect(1)])
        #expect(state.started() == [])
    }

    @Test func waiters_areServedInOrder_andRefusedBeyondTheBound() {
        var state = runningPool(size: 1)
        #expect(state.requested(by: 1) == [.lease(0, to: 1)])
        #expect(state.requested(by: 2) == [])
        #expect(state.requested(by: 3) == [])
        #expect(state.requested(by: 4) == [.refuse(4)])
        #expect(state.returned(0) == [.lease(0, to: 2)])
        #expect(state.expired(3) == [.expire(3)])
        #expect(state.expired(3) == [])
        #expect(state.returned(0) == [])
        #expect(state.leasedCount == 0)
    }

    @Test func retries_waitLonger_untilTheCap_andStartAfreshAfterASuccess() {
        var state = PoolState(size: 1, maximumWaiting: 1)
        _ = state.started()
        var delays: [Duration] = []
        for _ in 0..<8 {
            if case .connectLater(0, let delay)? = state.lost(0, jitter: 1).first { delays.append(delay) }
            #expect(state.retryDue(0) == [.connect(0)])
        }
        #expect(delays.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(delays.last == .seconds(3))
        _ = state.connected(0)
        #expect(state.lost(0, jitter: 0) == [.connectLater(0, after: .zero)])
    }

    @Test func jitter_takesUpToHalfOfTheWait() {
        #expect(Backoff().delay(afterFailures: 1, jitter: 0) == .milliseconds(50))
        #expect(Backoff().delay(afterFailures: 1, jitter: 1) == .milliseconds(100))
        #expect(Backoff().delay(afterFailures: 1000, jitter: 1) == .seconds(3))
    }

    @Test func stopped_failsWaiters_andClosesWhatIsThere() {
        var state = runningPool(size: 1)
        _ = state.requested(by: 1)
        _ = state.requested(by: 2)
        #expect(state.stopped() == [.failClosed(2), .close(0)])
        #expect(state.requested(by: 3) == [.failClosed(3)])
        #expect(state.connected(0) == [.close(0)])
    }

    @Test func aLeasedConnectionThatIsLost_isNotLeasedAgain_whenItIsReturned() {
        var state = runningPool(size: 1)
        _ = state.requested(by: 1)
        _ = state.lost(0, jitter: 0)
        #expect(state.returned(0) == [])
        #expect(state.requested(by: 2) == [])
        _ = state.retryDue(0)
        #expect(state.connected(0) == [.lease(0, to: 2)])
    }
}

struct UnitQueueStateTests {
    @Test func pipelinedUnits_goOutTogether_upToTheBound() {
        var state = UnitQueueState(maximumInFlight: 2, maximumWaiting: 8)
        for id in 1...3 as ClosedRange<UInt64> { #expect(state.submitted(id, .pipelined) == true) }
        #expect(state.next()?.id == 1)
        #expect(state.next()?.id == 2)
        #expect(state.next() == nil)
        #expect(state.answered() == 1)
        #expect(state.next()?.id == 3)
    }

    @Test func aScript_waitsForWhatIsInFlight_andIsAlone() {
        var state = UnitQueueState()
        #expect(state.submitted(1, .pipelined) == true)
        #expect(state.submitted(2, .script) == true)
        #expect(state.submitted(3, .pipelined) == true)
        #expect(state.next()?.id == 1)
        #expect(state.next() == nil)
        #expect(state.answered() == 1)
        #expect(state.next()?.id == 2)
        #expect(state.next() == nil)
        #expect(state.answered() == 2)
        #expect(state.next()?.id == 3)
    }

    @Test func aSubmission_isRefused_whenTooManyWait() {
        var state = UnitQueueState(maximumInFlight: 1, maximumWaiting: 1)
        #expect(state.submitted(1, .pipelined) == true)
        #expect(state.submitted(2, .pipelined) == false)
    }

    @Test func failed_tellsSentFromUnsent() {
        var state = UnitQueueState(maximumInFlight: 1)
        #expect(state.submitted(1, .pipelined) == true)
        #expect(state.submitted(2, .pipelined) == true)
        _ = state.next()
        #expect(state.withdrawn(1) == false)
        let (sent, unsent) = state.failed()
        #expect(sent == [1])
        #expect(unsent == [2])
        #expect(state.isIdle)
    }
}
