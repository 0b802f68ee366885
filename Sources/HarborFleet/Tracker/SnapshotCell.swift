import Synchronization

/// The place where a fleet's tracker publishes and from which any thread reads without waiting.
///
/// A new subscriber misses nothing and sees nothing twice when it does this in order:
/// 1. register at the receiving end of the `LiveEventSink`, and keep what arrives from now on;
/// 2. take `snapshot` here (or `resume(since:)`);
/// 3. send that, and then each event of its generation with a higher `seq`; a newer generation begins with a
///    snapshot of its own.
///
/// This works because the tracker changes this cell *before* it passes the events to the sink: events from before
/// step 1 are in the snapshot of step 2, and later events arrive.
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

    /// A version counter for caches; it increases whenever `snapshot` changes. A cache reads it before the snapshot
    /// and compares it before reuse. Lock-free; a race costs at most one redundant rebuild.
    package var changes: UInt64 { changed.load(ordering: .acquiring) }

    /// The current snapshot; nil while no tracker serves the fleet.
    package var snapshot: FleetSnapshot? {
        content.withLock { $0.isLive ? $0.snapshot : nil }
    }

    /// An object that a reader derived from a snapshot and stored here. It is released together with the fleet.
    package var kept: (any AnyObject & Sendable)? { content.withLock { $0.kept } }

    /// Stores an object in place of the current one. Has no effect once the fleet is gone.
    package func keep(_ value: any AnyObject & Sendable) {
        // The old object may be large, so it is released after the lock.
        var value: (any AnyObject & Sendable)? = value
        content.withLock { content in
            if !content.isClosed { swap(&content.kept, &value) }
        }
    }

    /// What a subscriber missed since `position`; nil when an event after that position is no longer held.
    package func resume(since position: StreamPosition) -> Resumption? {
        content.withLock { content in
            guard content.isLive, let snapshot = content.snapshot, snapshot.epoch == position.epoch,
                let events = content.ring.events(after: position.seq, current: snapshot.seq)
            else { return nil }
            return Resumption(snapshot: snapshot, events: events)
        }
    }

    /// Publishes a snapshot, and the events that lead to it from the previous one.
    /// - Returns: false when a newer generation has published or the cell is closed: the caller has been replaced
    ///   and must end.
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

    /// Closes the cell because the fleet is gone. From now on it shows and keeps nothing, even if its tracker still
    /// publishes. Event loops may hold the cell for long.
    /// - Returns: the last snapshot, even if its tracker had ended.
    func close() -> FleetSnapshot? {
        let last = content.withLock { content in
            let last = content
            content = Content(ring: EventRing(capacity: 0), isClosed: true)
            changed.add(1, ordering: .releasing)
            return last
        }
        return last.snapshot
    }

    /// Records that a tracker has ended; its last snapshot is no longer shown.
    func retire(_ generation: UInt64) {
        content.withLock { content in
            guard content.generation <= generation else { return }
            content.isLive = false
            changed.add(1, ordering: .releasing)
        }
    }
}

/// What a subscriber needs to catch up after it was disconnected.
package struct Resumption: Sendable {
    /// The position of the stream once `events` are sent.
    package let snapshot: FleetSnapshot
    /// Exactly the events after the given position, in order; may be empty.
    package let events: [LiveEvent]
}
