import Testing

@testable import Postgres

struct UnitQueueStateTests {
    @Test func pipelinedBatches_goOutTogether_upToTheBound() {
        var state = UnitQueueState(maximumInFlight: 2, maximumWaiting: 8)
        for id in 1...3 as ClosedRange<UInt64> { #expect(state.submitted(id, .pipelined) == true) }
        #expect(state.next()?.id == 1)
        #expect(state.next()?.id == 2)
        #expect(state.next() == nil)
        #expect(state.answered() == 1)
        #expect(state.next()?.id == 3)
    }

    @Test func script_waitsForBatchesInFlight_andRunsAlone() {
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

    @Test func submission_isRefused_whenTooManyWait() {
        var state = UnitQueueState(maximumInFlight: 1, maximumWaiting: 1)
        #expect(state.submitted(1, .pipelined) == true)
        #expect(state.submitted(2, .pipelined) == false)
    }

    @Test func failure_separatesSentFromUnsent() {
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
