import Testing

@testable import Postgres

/// Sessions that may be stale.
struct PoolRenewalStateTests {
    /// Replaces the only session of a pool several times by sessions that are no better.
    /// - Returns: the wait of each scout.
    private func waits(
        of staleness: SessionStaleness, rounds: Int, _ state: inout PoolState
    ) -> [Duration] {
        (0..<rounds).flatMap { round in
            let actions = state.mayBeStale(0, staleness, isRepeated: round > 0, jitter: 1)
            _ = state.scoutDue()
            #expect(state.scouted(.writable, jitter: 1) == [.close(0), .connect(0, isChecked: false)])
            _ = state.connected(0)
            return actions.compactMap { if case .scoutLater(let delay) = $0 { delay } else { nil } }
        }
    }

    @Test func staleSession_servesOn_untilAScoutFindsABetterOne() {
        var state = PoolState.running(size: 2)
        #expect(
            state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1) == [
                .scoutLater(after: .milliseconds(100))
            ])
        #expect(state.mayBeStale(1, .readOnly, isRepeated: false, jitter: 1) == [])
        #expect(state.requested(by: 1) == [.lease(0, to: 1)])
        #expect(state.scoutDue() == [.scout])
        #expect(
            state.scouted(.writable, jitter: 1) == [.close(1), .connect(1, isChecked: false)])
        // The session in use serves on until the first new one is there, and ends when it is returned.
        #expect(state.returned(0) == [])
        #expect(state.requested(by: 2) == [.lease(0, to: 2)])
        #expect(state.connected(1) == [])
        #expect(state.returned(0) == [.close(0), .connect(0, isChecked: false)])
        #expect(state.requested(by: 3) == [.lease(1, to: 3)])
        #expect(state.requested(by: 4) == [])
        #expect(state.connected(0) == [.lease(0, to: 4)])
        #expect(state.returned(0) == [])
    }

    @Test func sessions_areReplacedOneAfterTheOther_andTheLastOneStays() {
        var state = PoolState.running(size: 3)
        for slot in 0..<3 { _ = state.mayBeStale(slot, .readOnly, isRepeated: false, jitter: 1) }
        _ = state.scoutDue()
        #expect(state.scouted(.writable, jitter: 1) == [.close(0), .connect(0, isChecked: false)])
        // A session that waits for its turn needs no other scout.
        #expect(state.mayBeStale(1, .readOnly, isRepeated: true, jitter: 1) == [])
        #expect(state.connected(0) == [.close(1), .connect(1, isChecked: false)])
        // The new session is leased first.
        #expect(state.requested(by: 1) == [.lease(0, to: 1)])
        #expect(state.lost(1, jitter: 1) == [.retryLater(after: .milliseconds(100))])
        #expect(state.lost(0, jitter: 1) == [])
        #expect(state.connectedCount == 1)
        #expect(state.requested(by: 2) == [.lease(2, to: 2)])
        #expect(state.returned(2) == [])
        #expect(!state.isOpen)
        #expect(state.retryDue() == [.connect(0, isChecked: false)])
        #expect(state.lost(0, jitter: 1) == [.retryLater(after: .milliseconds(200))])
        #expect(!state.isOpen)
        #expect(state.retryDue() == [.connect(0, isChecked: false)])
        #expect(state.connected(0) == [.connect(1, isChecked: false)])
        #expect(state.connected(1) == [.close(2), .connect(2, isChecked: false)])
        #expect(state.connected(2) == [])
    }

    @Test func suspects_areScoutedForLessOften_upToAMinute() {
        var state = PoolState.running(size: 1)
        let delays = waits(of: .suspect, rounds: 12, &state)
        #expect(delays[4] == .milliseconds(1_600) && delays[5] == .milliseconds(3_200))
        #expect(delays.suffix(2) == [.seconds(60), .seconds(60)])
    }

    @Test func readOnlySession_doesNotWaitForAScoutOfSuspects() {
        var state = PoolState.running(size: 2)
        _ = state.mayBeStale(0, .suspect, isRepeated: false, jitter: 1)
        state.scouts = 10
        _ = state.scoutDue()
        #expect(state.scouted(.failed, jitter: 1) == [.scoutLater(after: .seconds(60))])
        #expect(
            state.mayBeStale(1, .readOnly, isRepeated: false, jitter: 1) == [
                .scoutLater(after: .milliseconds(100))
            ])
        #expect(state.mayBeStale(0, .suspect, isRepeated: false, jitter: 1) == [])
        #expect(state.scoutDue() == [.scout])
        #expect(state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1) == [])
    }

    @Test func scouts_waitLonger_whileNewSessionsAreNoBetter() {
        var state = PoolState.running(size: 2)
        var delays: [Duration] = []
        func note(_ actions: [PoolState.Action]) {
            for case .scoutLater(let delay) in actions { delays.append(delay) }
        }
        note(state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1))
        for found in [.readOnly, .failed, .readOnly, .failed, .readOnly] as [PoolState.Scouted] {
            #expect(state.scoutDue() == [.scout])
            note(state.scouted(found, jitter: 1))
        }
        #expect(delays == [100, 200, 400, 800, 1_600, 2_000].map { .milliseconds($0) })
    }

    @Test func sessions_areReplacedLessOften_whenTheReplacementsAreNoBetter() {
        var state = PoolState.running(size: 1)
        let delays = waits(of: .readOnly, rounds: 3, &state)
        #expect(delays == [100, 200, 400].map { .milliseconds($0) })
        #expect(
            state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1) == [
                .scoutLater(after: .milliseconds(100))
            ])
    }

    @Test func server_getsAConnectionBack_whenItHasNoRoomForAScout() {
        var state = PoolState.running(size: 2)
        _ = state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1)
        _ = state.mayBeStale(1, .readOnly, isRepeated: false, jitter: 1)
        _ = state.requested(by: 1)
        _ = state.scoutDue()
        #expect(
            state.scouted(.noRoom, jitter: 1) == [
                .close(1), .connect(1, isChecked: false), .scoutLater(after: .milliseconds(200)),
            ])
        #expect(state.stale == [0])
    }

    @Test func oldSessionsOfAPooler_areEndedOneAfterTheOther_upToABound() {
        var state = PoolState.running(size: 1)
        _ = state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1)
        var actions = state.scoutDue()
        var scouts = 0
        while actions == [.scout] {
            scouts += 1
            actions = state.scouted(.endedOld, jitter: 1)
        }
        #expect(scouts == 100)
        #expect(actions == [.scoutLater(after: .milliseconds(200))])
    }

    @Test func lostSession_isNotStale() {
        var state = PoolState.running(size: 1)
        _ = state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1)
        _ = state.lost(0, jitter: 1)
        #expect(state.stale.isEmpty)
        #expect(state.scoutDue() == [])
        _ = state.connected(0)
        // The next session is scouted for again.
        #expect(
            state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1) == [
                .scoutLater(after: .milliseconds(100))
            ])
    }

    @Test func scout_isNotSent_whileTheBreakerIsOpenOrThePoolIsStopped() {
        var state = PoolState.running(size: 2)
        _ = state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1)
        _ = state.requested(by: 1)
        _ = state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1)
        _ = state.gotNoAnswer(jitter: 1)
        #expect(state.scoutDue() == [])
        _ = state.stopped()
        #expect(state.mayBeStale(0, .readOnly, isRepeated: false, jitter: 1) == [])
        #expect(state.scouted(.writable, jitter: 1) == [])
    }
}
