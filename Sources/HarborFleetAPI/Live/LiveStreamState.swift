internal import FleetWire
internal import HarborFleet

/// Where one subscriber's live stream stands, and what each event means for it. Decides; `LiveStream` sends.
///
/// A subscriber joins the topic first and takes its snapshot afterwards, so that no event falls between: those
/// up to the snapshot's `seq` come twice and are dropped here, the rest follow in order. A gap (a loop that was
/// too far behind, a tracker that started afresh) leads to a new snapshot and is never passed over.
struct LiveStreamState {
    enum Action: Equatable {
        /// Sent already, or of a tracker that has been replaced.
        case ignore
        case send
        /// Kept until the subscriber can take more: the newest event per vehicle stands for those before it.
        case hold
        /// The stream starts afresh from the newest snapshot.
        case sendSnapshot
        /// The fleet is gone.
        case close
    }

    /// nil while the stream goes on with a snapshot, and with nothing before.
    private var epoch: String?
    private var seq: UInt64 = 0
    private var generation: UInt64 = 0
    /// The newest position or removal of each vehicle, and its newest change of state after that.
    private var held: [VehicleID: (event: LiveEvent, state: LiveEvent?)] = [:]
    /// The last `seq` that was sent while events are held.
    private var sentSeq: UInt64 = 0

    var needsSnapshot: Bool { epoch == nil }

    /// A snapshot was sent, or all that led to it: events follow after it.
    mutating func snapshotSent(_ snapshot: FleetSnapshot) {
        epoch = snapshot.epoch
        seq = snapshot.seq
        generation = snapshot.generation
        held.removeAll()
    }

    /// Whether `events` follow each other and the stream so far, so that they can be sent in one piece.
    func isNext(_ events: [LiveEvent]) -> Bool {
        guard held.isEmpty, let first = events.first, let last = events.last else {
            return false
        }
        return first.epoch == epoch && last.epoch == epoch && first.seq == seq &+ 1
            && last.seq == seq &+ UInt64(events.count) && events.allSatisfy(\.isChange)
    }

    /// `events` were sent in one piece.
    mutating func sent(_ events: [LiveEvent]) {
        if let last = events.last { seq = last.seq }
    }

    /// One event came.
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

    /// Whether there is something to release.
    var isBehind: Bool { needsSnapshot || !held.isEmpty }

    /// The subscriber can take more: what was held, in the order of `seq`, each with the number of events that
    /// were left out before it. nil when it needs a snapshot instead: also when these would be too many bytes for
    /// it, since a snapshot's are shared with other subscribers.
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
        // An event of the epoch that stands, at or before the place that stands, says nothing new.
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
    /// An event that follows the one before it.
    var isChange: Bool {
        switch kind {
        case .position, .state, .removed: true
        case .snapshot, .ended: false
        }
    }
}
