import Synchronization

/// Records events in order, and lets a test wait for them.
package final class EventRecorder<Event: Sendable>: Sendable {
    private struct Watcher {
        let condition: @Sendable ([Event]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var events: [Event] = []
        var watchers: [Watcher] = []
    }

    private let state = Mutex(State())

    /// A recorder without events.
    package init() {}

    /// All events so far, oldest first.
    package var events: [Event] { state.withLock { $0.events } }

    /// Records an event and wakes the tests that waited for it.
    package func record(_ event: Event) { record(contentsOf: [event]) }

    /// Records events that happened at once.
    package func record(contentsOf new: [Event]) {
        let woken = state.withLock { state in
            state.events += new
            let (events, watchers) = (state.events, state.watchers)
            state.watchers = watchers.filter { !$0.condition(events) }
            return watchers.filter { $0.condition(events) }
        }
        for watcher in woken { watcher.continuation.resume() }
    }

    /// Returns once the events meet a condition. If they never do, the test's time limit ends the wait.
    package func wait(until condition: @escaping @Sendable ([Event]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.events) { return true }
                state.watchers.append(Watcher(condition: condition, continuation: continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }
}

extension EventRecorder where Event: Equatable {
    /// Returns once an event was recorded `count` times.
    package func wait(for event: Event, count: Int = 1) async {
        await wait { events in events.count { $0 == event } >= count }
    }
}
