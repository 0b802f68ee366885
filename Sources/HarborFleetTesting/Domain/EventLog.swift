package import HarborFleet
import Synchronization

/// Keeps every live event, and lets a test wait for one.
package final class EventLog: LiveEventSink {
    private struct State {
        var events: [LiveEvent] = []
        var waiters:
            [(isMet: @Sendable ([LiveEvent]) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
                []
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ events: [LiveEvent], of fleetID: FleetID) {
        let met = state.withLock { state in
            state.events += events
            let all = state.events
            let met = state.waiters.filter { $0.isMet(all) }.map(\.continuation)
            state.waiters.removeAll { $0.isMet(all) }
            return met
        }
        for continuation in met { continuation.resume() }
    }

    /// All events of a fleet so far.
    package func events(of fleetID: FleetID) -> [LiveEvent] {
        state.withLock { $0.events.filter { $0.fleetID == fleetID } }
    }

    /// Returns once `isMet` is true of the events so far.
    package func wait(until isMet: @escaping @Sendable ([LiveEvent]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMetNow = state.withLock { state in
                if isMet(state.events) { return true }
                state.waiters.append((isMet, continuation))
                return false
            }
            if isMetNow { continuation.resume() }
        }
    }
}
