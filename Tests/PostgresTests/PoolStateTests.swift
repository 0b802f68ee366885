import Testing

@testable import Postgres

extension PoolState {
    /// A pool with all of its connections.
    static func running(size: Int, maximumWaiting: Int = 9) -> PoolState {
        var state = PoolState(size: size, maximumWaiting: maximumWaiting)
        _ = state.started()
        for slot in 0..<size { _ = state.connected(slot) }
        return state
    }
}

struct PoolStateTests {
    @Test func start_connectsEverySlotOnce() {
        var state = PoolState(size: 2, maximumWaiting: 1)
        #expect(state.started() == [.connect(0, isChecked: false), .connect(1, isChecked: false)])
        #expect(state.started() == [])
    }

    @Test func waiters_areServedInOrder_andRefusedBeyondTheBound() {
        var state = PoolState.running(size: 1, maximumWaiting: 2)
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

    @Test func retries_waitLongerUpToTheCap_andStartAgainAfterASuccess() {
        var state = PoolState(size: 1, maximumWaiting: 1)
        _ = state.started()
        var delays: [Duration] = []
        for _ in 0..<8 {
            if case .retryLater(let delay)? = state.lost(0, jitter: 1).first { delays.append(delay) }
            #expect(state.retryDue() == [.connect(0, isChecked: true)])
        }
        #expect(delays.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(delays.last == .seconds(3))
        _ = state.connected(0)
        #expect(state.lost(0, jitter: 1) == [.connect(0, isChecked: false)])
        #expect(state.lost(0, jitter: 1) == [.retryLater(after: .milliseconds(100))])
    }

    @Test func shortConnection_isNotMadeAgainAtOnce() {
        var state = PoolState.running(size: 1, maximumWaiting: 2)
        #expect(state.lost(0, wasShort: true, jitter: 1) == [.retryLater(after: .milliseconds(100))])
        #expect(!state.isOpen)
        #expect(state.requested(by: 1) == [])
        #expect(state.retryDue() == [.connect(0, isChecked: false)])
        #expect(state.connected(0) == [.lease(0, to: 1)])
    }

    @Test func stop_failsWaiters_andClosesConnections() {
        var state = PoolState.running(size: 1, maximumWaiting: 2)
        _ = state.requested(by: 1)
        _ = state.requested(by: 2)
        #expect(state.stopped() == [.failClosed(2), .close(0)])
        #expect(state.requested(by: 3) == [.failClosed(3)])
        #expect(state.connected(0) == [.close(0)])
    }

    @Test func leasedConnection_isNotLeasedAgain_afterItWasLost() {
        var state = PoolState.running(size: 1, maximumWaiting: 2)
        _ = state.requested(by: 1)
        #expect(state.lost(0, jitter: 0) == [.connect(0, isChecked: false)])
        #expect(state.returned(0) == [])
        #expect(state.requested(by: 2) == [])
        #expect(state.connected(0) == [.lease(0, to: 2)])
    }
}

/// The circuit breaker.
struct PoolBreakerTests {
    /// A pool that is making its three connections.
    private func startedPool() -> PoolState {
        var state = PoolState(size: 3, maximumWaiting: 9)
        _ = state.started()
        return state
    }

    @Test func lastFailedTry_opensTheBreaker_andRefusesWaiters() {
        var state = startedPool()
        #expect(state.requested(by: 1) == [])
        #expect(state.requested(by: 2) == [])
        #expect(state.lost(0, jitter: 1) == [])
        #expect(state.lost(1, jitter: 1) == [])
        #expect(!state.isOpen)
        let actions = state.lost(2, jitter: 1)
        #expect(
            actions == [
                .failUnavailable(1), .failUnavailable(2), .retryLater(after: .milliseconds(100)),
            ])
        #expect(state.isOpen && state.openings == 1)
        #expect(state.requested(by: 3) == [.failUnavailable(3)])
    }

    @Test func lostServer_isTriedByOneSlot() {
        var state = PoolState.running(size: 3)
        #expect(state.lost(1, jitter: 1) == [.connect(1, isChecked: false)])
        #expect(state.lost(0, jitter: 1) == [])
        #expect(state.lost(2, jitter: 1) == [])
        #expect(state.requested(by: 1) == [])
        #expect(state.lost(1, jitter: 1) == [.failUnavailable(1), .retryLater(after: .milliseconds(100))])
    }

    @Test func halfOpenBreaker_triesOneSlot_andItsSuccessConnectsTheOthers() {
        var state = startedPool()
        for slot in 0..<3 { _ = state.lost(slot, jitter: 1) }
        #expect(state.retryDue() == [.connect(0, isChecked: true)])
        #expect(state.retryDue() == [])
        #expect(state.requested(by: 1) == [.failUnavailable(1)])
        #expect(state.lost(0, jitter: 1) == [.retryLater(after: .milliseconds(200))])
        #expect(state.openings == 1)
        #expect(state.retryDue() == [.connect(0, isChecked: true)])
        #expect(state.connected(0) == [.connect(1, isChecked: false), .connect(2, isChecked: false)])
        #expect(!state.isOpen)
        #expect(state.requested(by: 2) == [.lease(0, to: 2)])
    }

    @Test func breaker_staysClosed_whileAConnectionIsLeft() {
        var state = startedPool()
        _ = state.connected(0)
        _ = state.lost(1, jitter: 1)
        #expect(state.lost(2, jitter: 1) == [.retryLater(after: .milliseconds(100))])
        #expect(!state.isOpen)
        #expect(state.requested(by: 1) == [.lease(0, to: 1)])
        #expect(state.retryDue() == [.connect(1, isChecked: false)])
        #expect(state.lost(1, jitter: 1) == [.retryLater(after: .milliseconds(200))])
    }

    @Test func timeOut_opensTheBreaker_andClosesIdleConnections() {
        var state = PoolState.running(size: 2)
        #expect(state.requested(by: 1) == [.lease(0, to: 1)])
        #expect(state.gotNoAnswer(jitter: 1) == [.close(1), .retryLater(after: .milliseconds(100))])
        #expect(state.gotNoAnswer(jitter: 1) == [])
        #expect(state.requested(by: 2) == [.failUnavailable(2)])
        // A connection in use ends when it is returned. It does not keep the breaker from trying.
        #expect(state.returned(0, jitter: 1) == [.close(0)])
        #expect(state.retryDue() == [.connect(0, isChecked: true)])
        #expect(state.connected(0) == [.connect(1, isChecked: false)])
    }

    @Test func timeOut_opensTheBreaker_whileAConnectIsUnderWay() {
        var state = PoolState.running(size: 2)
        _ = state.requested(by: 1)
        // The connection that timed out is lost first and made again at once.
        #expect(state.lost(0, jitter: 1) == [.connect(0, isChecked: false)])
        #expect(
            state.gotNoAnswer(jitter: 1) == [.close(0), .close(1), .retryLater(after: .milliseconds(100))])
        #expect(state.isOpen)
        #expect(state.retryDue() == [.connect(0, isChecked: true)])
    }

    @Test func lostConnection_isNotMadeAgainAtOnce_whileTheBreakerIsOpen() {
        var state = PoolState.running(size: 2)
        _ = state.requested(by: 1)
        #expect(state.gotNoAnswer(jitter: 1) == [.close(1), .retryLater(after: .milliseconds(100))])
        #expect(state.lost(0, jitter: 1) == [])
        #expect(state.isOpen)
    }

    @Test func timeOut_isFollowedByATry_onceAConnectionIsReturned() {
        var state = PoolState.running(size: 1)
        _ = state.requested(by: 1)
        #expect(state.gotNoAnswer(jitter: 1) == [])
        #expect(state.returned(0, jitter: 1) == [.close(0), .retryLater(after: .milliseconds(100))])
    }

    @Test func openBreaker_alwaysHasATryPlanned() {
        // After any order of events, a slot that is down waits for a try that is under way or planned.
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var state = PoolState(size: 3, maximumWaiting: 4)
            var isPlanned = false
            func note(_ actions: [PoolState.Action]) {
                for case .retryLater in actions {
                    #expect(!isPlanned)
                    isPlanned = true
                }
            }
            note(state.started())
            for step in 0..<60 {
                let slot = Int.random(in: 0..<3, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0 where state.slots[slot] == .connecting: note(state.connected(slot))
                case 1 where state.slots[slot] != .down:
                    note(state.lost(slot, wasShort: .random(), jitter: 0))
                case 2: note(state.gotNoAnswer(jitter: 0))
                case 3: note(state.requested(by: UInt64(step)))
                case 4: note(state.returned(slot, jitter: 0))
                case 5 where isPlanned:
                    isPlanned = false
                    note(state.retryDue())
                default: break
                }
                let isDown = state.slots.contains(.down)
                #expect(!isDown || isPlanned || state.slots.contains(.connecting))
                #expect(!state.isOpen || state.waiters.isEmpty)
            }
        }
    }
}
