internal import StoreCache
internal import Supervision
import Synchronization

/// Owns the current state of one fleet: it applies all messages in one order, and publishes.
///
/// One object is one generation. It loads the newest rows, serves until it is cancelled or fails, and is then
/// discarded; the supervisor starts the next one. Its mailbox accepts messages before the load begins, so that a
/// commit that the load's query just misses still arrives.
final class Tracker: Sendable {
    let fleetID: FleetID
    let generation: UInt64
    let mailbox: Mailbox<TrackerMessage>
    private let cell: SnapshotCell
    private let dependencies: TrackerDependencies
    private let epoch = Epoch.make()
    private let deadlines = DeadlineWatch()
    private let waits = Atomic<Bool>(false)

    init(fleetID: FleetID, generation: UInt64, cell: SnapshotCell, dependencies: TrackerDependencies) {
        self.fleetID = fleetID
        self.generation = generation
        self.cell = cell
        self.dependencies = dependencies
        mailbox = Mailbox(capacity: dependencies.configuration.mailboxCapacity)
    }

    /// Whether the store is unreachable, so that callers should not wait for this tracker.
    var waitsForStore: Bool { waits.load(ordering: .relaxed) }

    /// Loads, publishes, and serves until the task is cancelled.
    ///
    /// - Throws: an error that makes the state suspect. The tracker must not be used again.
    func run(onReady: @Sendable () -> Void) async throws {
        defer { cell.retire(generation) }
        var state = try await loaded()
        try publishFirst(state)
        onReady()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.watchDeadlines() }
            defer { group.cancelAll() }
            while let batch = await mailbox.receive() {
                try await apply(batch, to: &state)
                try await mergeRows(into: &state)
            }
        }
        guard Task.isCancelled else { throw TrackerError.superseded }
    }

    private func loaded() async throws -> TrackerState {
        let rows = try await newestRows()
        var state = TrackerState(
            fleetID: fleetID, epoch: epoch, generation: generation, rules: dependencies.configuration.motion,
            now: dependencies.wallClock.now())
        // The load is done in slices, so that a large fleet does not hold up the others on its loop.
        for start in stride(from: 0, to: rows.count, by: 1000) {
            state.rowsLoaded(rows[start..<min(start + 1000, rows.count)], now: dependencies.wallClock.now())
            await Task.yield()
        }
        dependencies.metrics.trackerReloads.increment()
        return state
    }

    /// Waits for an unavailable store. Such an outage is no failure of the fleet and must not quarantine it.
    private func newestRows() async throws -> [StoredFix] {
        defer { waits.store(false, ordering: .relaxed) }
        while true {
            do throws(StoreError) {
                return try await dependencies.store.newestFixes(of: fleetID)
            } catch {
                guard error.kind == .unavailable else { throw error }
                waits.store(true, ordering: .relaxed)
            }
            let clock = dependencies.clock
            try await clock.sleep(until: clock.now() + dependencies.configuration.reloadDelay)
        }
    }

    private func publishFirst(_ state: TrackerState) throws {
        let snapshot = state.snapshot
        guard cell.publish(snapshot, []) else { throw TrackerError.superseded }
        setDeadline(state)
        let event = LiveEvent(
            fleetID: fleetID, epoch: epoch, seq: snapshot.seq, generation: generation,
            kind: .snapshot(snapshot))
        dependencies.sink.publish([event], of: fleetID)
    }

    private func watchDeadlines() async throws {
        // A full mailbox is being drained, and the watch looks again after its interval.
        try await deadlines.run(dependencies) { _ = mailbox.send(.tick) }
    }

    private func setDeadline(_ state: TrackerState) {
        deadlines.set(state.nextDeadline, now: dependencies.wallClock.now())
    }
}

extension Tracker {
    /// Applies messages in order. Publishes once per slice, so that neither the ring nor a loop gets too many
    /// events at once.
    private func apply(_ batch: [TrackerMessage], to state: inout TrackerState) async throws {
        var events: [LiveEvent] = []
        for message in batch {
            if case .tick = message {
                try publish(events, state)
                events.removeAll(keepingCapacity: true)
                try await passTime(in: &state)
                continue
            }
            events += try applied(message, to: &state)
            guard events.count >= dependencies.configuration.slice else { continue }
            try publish(events, state)
            events.removeAll(keepingCapacity: true)
            await Task.yield()
        }
        try publish(events, state)
    }

    /// Applies the passing of time in slices: all vehicles of a large fleet turn offline at once when its partner
    /// stops sending.
    private func passTime(in state: inout TrackerState) async throws {
        let now = dependencies.wallClock.now()
        while true {
            try publish(state.timePassed(now: now, limit: dependencies.configuration.slice), state)
            guard let next = state.nextDeadline, next <= now else { return }
            await Task.yield()
        }
    }

    /// Merges one slice at a time, so that a large fleet does not hold up the others on its loop. Returns early
    /// when messages have arrived, so that they do not wait for the end of the merge.
    private func mergeRows(into state: inout TrackerState) async throws {
        while state.isMerging {
            let now = dependencies.wallClock.now()
            try publish(state.sliceMerged(limit: dependencies.configuration.slice, now: now), state)
            await Task.yield()
            guard mailbox.count == 0, !Task.isCancelled else { return }
        }
    }

    private func applied(_ message: TrackerMessage, to state: inout TrackerState) throws -> [LiveEvent] {
        let now = dependencies.wallClock.now()
        switch message {
        case .fixes(let fixes):
            try dependencies.configuration.willApply?(fleetID, fixes)
            return state.fixesReceived(fixes, now: now)
        case .rows(let rows, let askedAt):
            let cutoff = askedAt.advanced(by: .zero - dependencies.configuration.commitGrace)
            state.rowsArrived(rows, cutoff: cutoff)
            return []
        case .removals(let removals, let askedAt):
            let cutoff = askedAt.advanced(by: .zero - dependencies.configuration.commitGrace)
            return state.vehiclesRemoved(removals, cutoff: cutoff, now: now)
        case .tick:
            // Ticks are handled in `apply`.
            return []
        }
    }

    /// The cell changes before the sink gets the events, see `SnapshotCell`.
    private func publish(_ events: [LiveEvent], _ state: TrackerState) throws {
        setDeadline(state)
        guard !events.isEmpty else { return }
        guard cell.publish(state.snapshot, events) else { throw TrackerError.superseded }
        dependencies.sink.publish(events, of: fleetID)
        dependencies.metrics.liveEvents.increment(by: events.count)
    }
}
