import Synchronization

/// Where a fleet's tracker publishes, and everyone reads at once from any thread.
///
/// A new subscriber misses nothing and sees nothing twice when it does this in order:
/// 1. register with the `LiveEventSink`'s other end, and keep what arrives from now on;
/// 2. take `snapshot` here (or `resume(since:)`);
/// 3. send that, and from then on each event of its generation with a higher `seq`; a newer generation begins
///    with a snapshot of its own.
///
/// It works because the tracker changes this cell *before* it hands the events to the sink: what was handed
/// out before step 1 is in the snapshot of step 2, and what is handed out later arrives.
package final class SnapshotCell: Sendable {
    private struct Content {
        var generation: UInt64 = 0
        var isLive = false
        var snapshot: FleetSnapshot?
        var ring: EventRing
        var kept: (any AnyObject & Sendable)?
        var isClosed = false
    }

    private let content: Mutex<Content>
    private let changed = Atomic<UInt64>(0)

    init(eventsHeld: Int) {
        content = Mutex(Content(ring: EventRing(capacity: eventsHeld)))
    }

    /// Rises whenever `snapshot` gives something else. Who keeps what he made of a snapshot reads this first, then
    /// the snapshot, and compares before he uses it again: without a lock, and at worst he makes it once too often.
    package var changes: UInt64 { changed.load(ordering: .acquiring) }

    /// The present snapshot; nil while no tracker serves the fleet.
    package var snapshot: FleetSnapshot? {
        content.withLock { $0.isLive ? $0.snapshot : nil }
    }

    /// What a reader made of a snapshot and put here: it goes when the fleet does.
    package var kept: (any AnyObject & Sendable)? { content.withLock { $0.kept } }

    /// Puts something here, in the place of what is there; nothing once the fleet is gone.
    package func keep(_ value: any AnyObject & Sendable) {
        // What goes may be large: it goes when nobody waits for it.
        var value: (any AnyObject & Sendable)? = value
        content.withLock { content in
            if !content.isClosed { swap(&content.kept, &value) }
        }
    }

    /// What a subscriber missed since `position`: nil when not every event of it is still held.
    package func resume(since position: StreamPosition) -> Resumption? {
        content.withLock { content in
            guard content.isLive, let snapshot = content.snapshot, snapshot.epoch == position.epoch,
                let events = content.ring.events(after: position.seq, current: snapshot.seq)
            else { return nil }
            return Resumption(snapshot: snapshot, events: events)
        }
    }

    /// A tracker publishes a snapshot and the events that led to it from the one before.
    /// - Returns: false when a newer generation has published: the caller was abandoned and must end.
    func publish(_ snapshot: FleetSnapshot, _ events: [LiveEvent]) -> Bool {
        content.withLock { content in
            guard !content.isClosed, snapshot.generation >= content.generation else { return false }
            if snapshot.epoch != content.snapshot?.epoch { content.ring.removeAll() }
            content.generation = snapshot.generation
            content.snapshot = snapshot
            content.isLive = true
            content.ring.append(events)
            changed.add(1, ordering: .releasing)
            return true
        }
    }

    /// The fleet is gone: nothing is shown or kept from now on, whatever its tracker still publishes. Loops may hold
    /// the cell for long.
    /// - Returns: the last snapshot, also of a tracker that had ended.
    func close() -> FleetSnapshot? {
        let last = content.withLock { content in
            let last = content
            content = Content(ring: EventRing(capacity: 0), isClosed: true)
            changed.add(1, ordering: .releasing)
            return last
        }
        return last.snapshot
    }

    /// A tracker has ended; its last snapshot is no longer shown.
    func retire(_ generation: UInt64) {
        content.withLock { content in
            guard content.generation <= generation else { return }
            content.isLive = false
            changed.add(1, ordering: .releasing)
        }
    }
}

/// What brings a subscriber that was away up to date.
package struct Resumption: Sendable {
    /// Where the stream stands once `events` are sent.
    package let snapshot: FleetSnapshot
    /// Exactly the events behind the asked position, in order; may be empty.
    package let events: [LiveEvent]
}
