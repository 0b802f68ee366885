internal import FleetWire
internal import HarborFleet

/// The position of one subscriber's live stream, and what each event means for it. The state decides;
/// `LiveStream` sends.
///
/// A subscriber joins the topic first and takes its snapshot afterwards, so that no event is lost in between.
/// Events up to the snapshot's `seq` then arrive twice and are dropped here; the rest follow in order. A gap (a
/// loop that was too far behind, a tracker that restarted) leads to a new snapshot and is never skipped
/// silently.
struct LiveStreamState {
    enum Action: Equatable {
        /// Already sent, or from a tracker that has been replaced.
        case ignore
        case send
        /// Kept until the subscriber can take more: the newest event of a vehicle replaces those before it.
        case hold
        /// The stream restarts from the newest snapshot.
        case sendSnapshot
        /// The fleet was removed.
        case close
    }

    /// nil while the stream must send a snapshot before anything else.
    private var epoch: String?
    private var seq: UInt64 = 0
    private var generation: UInt64 = 0
    /// The newest position or removal of each vehicle, and its newest change of state after that.
    private var held: [VehicleID: (event: LiveEvent, state: LiveEvent?)] = [:]
    /// The last `seq` that was sent before the held events.
    private var sentSeq: UInt64 = 0

    var needsSnapshot: Bool { epoch == nil }

    /// Records that a snapshot, or everything that leads to its state, was sent: events follow after it.
    mutating func snapshotSent(_ snapshot: FleetSnapshot) {
        epoch = snapshot.epoch
        seq = snapshot.seq
        generation = snapshot.generation
        held.removeAll()
    }

    /// Whether `events` directly follow the stream's position and each other, so that they can be sent in one
    /// piece.
    func isNext(_ events: [LiveEvent]) -> Bool {
        guard held.isEmpty, let first = events.first, let last = events.last else {
            return false
        }
        return first.epoch == epoch && last.epoch == epoch && first.seq == seq &+ 1
            && last.seq == seq &+ UInt64(events.count) && events.allSatisfy(\.isChange)
    }

    /// Records that `events` were sent in one piece.
    mutating func sent(_ events: [LiveEvent]) {
        if let last = events.last { seq = last.seq }
    }

    /// Decides what to do with one event.
    mutating func eventArrived(_ event: LiveEvent, isBlocked: Bool) -> Action {
        guard event.generation >= generation else { return .ignore }
        if case .ended = event.kind { return .close }
        guard event.isChange, event.epoch == epoch, event.seq == seq &+ 1 else {
            return restart(event, isBlocked: isBlocked)
        }
        seq = event.seq
        guard isBlocked || !held.isEmpty else { return .send }
        hold(event)
        return .hold
    }

    /// Whether there is anything to release.
    var isBehind: Bool { needsSnapshot || !held.isEmpty }

    /// The held events in the order of `seq`, each with the number of events that were left out before it; the
    /// subscriber can take more now. nil when the stream must send a snapshot instead: also when the held events
    /// are longer than `bytes`, since a snapshot's bytes are shared with other subscribers.
    mutating func released(atMost bytes: Int) -> [(event: LiveEvent, conflated: UInt64)]? {
        let length = held.values.reduce(0) { $0 + $1.event.json.count + ($1.state?.json.count ?? 0) }
        if length > bytes { epoch = nil }
        defer { held.removeAll() }
        guard !needsSnapshot else { return nil }
        let events = held.values.flatMap { [$0.event, $0.state].compactMap(\.self) }
        return events.sorted { $0.seq < $1.seq }.map { event in
            defer { sentSeq = event.seq }
            return (event, event.seq &- sentSeq &- 1)
        }
    }

    private mutating func restart(_ event: LiveEvent, isBlocked: Bool) -> Action {
        // An event of the current epoch at or before the current `seq` is a duplicate.
        if event.epoch == epoch, event.seq <= seq { return .ignore }
        epoch = nil
        held.removeAll()
        return isBlocked ? .hold : .sendSnapshot
    }

    private mutating func hold(_ event: LiveEvent) {
        guard let vehicleID = event.vehicleID else { return }
        if held.isEmpty { sentSeq = event.seq &- 1 }
        if case .state = event.kind, let standing = held[vehicleID] {
            held[vehicleID] = (standing.event, event)
        } else {
            held[vehicleID] = (event, nil)
        }
    }
}

extension LiveEvent {
    /// Whether the event is a change that follows the event before it.
    var isChange: Bool {
        switch kind {
        case .position, .state, .removed: true
        case .snapshot, .ended: false
        }
    }
}
