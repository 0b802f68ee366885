import EventLoops
import Testing
import WebSockets

@testable import Endpoint

// `#expect` accepts a function with an inout argument, but no mutating member.
private func expired(_ state: inout WebSocketState, now: MonotonicInstant) -> WebSocketState.Expiry {
    state.expired(now: now)
}

private func close(_ state: inout WebSocketState, _ code: CloseCode, now: MonotonicInstant) -> Bool {
    state.close(code, now: now)
}

private func closeReceived(
    _ state: inout WebSocketState, _ code: CloseCode?, reason: [UInt8], now: MonotonicInstant
) -> Bool {
    state.closeReceived(code, reason: reason, now: now)
}

@Suite struct WebSocketStateTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000_000 + seconds * 1_000_000_000)
    }

    private func state() -> WebSocketState { WebSocketState(limits: WebSocketLimits(), now: at(0)) }

    @Test func ping_isDueEvery25Seconds() {
        var state = state()
        #expect(state.deadline == at(25))
        #expect(expired(&state, now: at(24)) == .none)
        #expect(expired(&state, now: at(25)) == .ping)
        #expect(state.deadline == at(50))
    }

    @Test func silentPeer_isDropped() {
        var state = state()
        state.heard(now: at(3))
        #expect(expired(&state, now: at(25)) == .ping)
        #expect(expired(&state, now: at(50)) == .ping)
        #expect(state.deadline == at(63))
        #expect(expired(&state, now: at(63)) == .drop)
    }

    @Test func peer_isClosed_whenItDoesNotRead() {
        var state = state()
        state.outputChanged(pending: 10, stalledSince: at(1), now: at(1))
        #expect(expired(&state, now: at(25)) == .none)
        #expect(state.deadline == at(31))
        #expect(expired(&state, now: at(31)) == .closeBlocked)
    }

    @Test func peer_isDropped_whenItDoesNotAnswerTheClose() {
        var state = state()
        #expect(close(&state, .serviceRestart, now: at(1)))
        #expect(!close(&state, .normal, now: at(2)))
        #expect(state.deadline == at(6))
        #expect(expired(&state, now: at(6)) == .drop)
        #expect(state.closeCode == .serviceRestart)
    }

    @Test func peersClose_isAnsweredOnce() {
        var state = state()
        #expect(closeReceived(&state, .goingAway, reason: [], now: at(1)))
        #expect(!closeReceived(&state, .normal, reason: [], now: at(1)))
        #expect(state.closeCode == .goingAway)
        #expect(state.ending == .shutdown && !state.isListening)
        #expect(state.deadline == at(6))
    }

    @Test func reading_pauses_whileTheOutboxIsHalfFull() {
        var state = state()
        state.outputChanged(pending: 524_288, stalledSince: at(1), now: at(1))
        #expect(!state.wantsRead)
        state.outputChanged(pending: 524_287, stalledSince: at(20), now: at(20))
        #expect(state.wantsRead)
    }

    @Test func message_isAccepted_whenItFitsOrNothingWaits() {
        let state = state()
        #expect(state.hasRoom(for: 10_000_000, waiting: 0))
        #expect(state.hasRoom(for: 1_048_575, waiting: 1))
        #expect(!state.hasRoom(for: 1_048_576, waiting: 1))
    }
}
