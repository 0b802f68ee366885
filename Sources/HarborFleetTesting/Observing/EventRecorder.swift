/// Records events in order, and lets a test wait for them.
package final class EventRecorder<Event: Sendable>: Sendable {
    private let recorded = Observed<[Event]>([])

    /// A recorder without events.
    package init() {}

    /// All events so far, oldest first.
    package var events: [Event] { recorded.value }

    /// Records an event and wakes the tests that waited for it.
    package func record(_ event: Event) { record(contentsOf: [event]) }

    /// Records events that happened at once.
    package func record(contentsOf new: [Event]) { recorded.change { $0 += new } }

    /// Returns once the events meet a condition, or the task is cancelled, as by a test's time limit.
    package func wait(until condition: @escaping @Sendable ([Event]) -> Bool) async {
        await recorded.wait(until: condition)
    }

    /// Like `wait(until:)`, but gives up after `limit`.
    /// - Returns: whether the condition was met.
    package func wait(
        within limit: Duration, until condition: @escaping @Sendable ([Event]) -> Bool
    ) async -> Bool {
        await recorded.wait(within: limit, until: condition)
    }

    /// Returns the first event that fits, once it is there; nil after `limit`. It looks at each event once, however
    /// many there are.
    /// - Parameter start: the number of events that are passed over.
    package func first(
        from start: Int = 0, within limit: Duration, where fits: @escaping @Sendable (Event) -> Bool
    ) async -> Event? {
        let search = Observed((next: start, found: Event?.none))
        _ = await recorded.wait(within: limit) { events in
            search.change { search in
                while search.found == nil, search.next < events.count {
                    if fits(events[search.next]) { search.found = events[search.next] }
                    search.next += 1
                }
                return search.found != nil
            }
        }
        return search.value.found
    }
}

extension EventRecorder where Event: Equatable {
    /// Returns once an event was recorded `count` times.
    package func wait(for event: Event, count: Int = 1) async {
        await wait { events in events.count { $0 == event } >= count }
    }
}
