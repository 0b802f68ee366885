internal import HashTreeCollections
internal import HeapModule

/// The state of a tracker's fleet. Pure: fixes, rows and the time go in, events come out.
struct TrackerState: Sendable {
    let fleetID: FleetID
    let epoch: String
    let generation: UInt64
    let rules: MotionRules
    private(set) var seq: UInt64 = 0
    private(set) var asOf: Timestamp
    private(set) var counts = StateCounts()
    private(set) var vehicles: TreeDictionary<VehicleID, VehicleStatus> = [:]
    private var deadlines = Heap<VehicleDeadline>()
    /// The vehicles that have an entry of kind `.idle` in `deadlines`.
    private var idleQueued: Set<VehicleID> = []
    /// Removed vehicles that still have an entry of kind `.offline` in `deadlines`.
    private var offlineQueuedOfRemoved: Set<VehicleID> = []
    /// The merge that is in progress.
    var merge: RowMerge?
    /// See `FleetSnapshot`.
    private var aheadUnknownUntil = Timestamp(milliseconds: .min)

    init(fleetID: FleetID, epoch: String, generation: UInt64, rules: MotionRules, now: Timestamp) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.generation = generation
        self.rules = rules
        asOf = now
    }

    /// A snapshot of the current state, at constant cost, whatever the size of the fleet.
    var snapshot: FleetSnapshot {
        FleetSnapshot(
            fleetID: fleetID, epoch: epoch, seq: seq, asOf: asOf, counts: counts, vehicles: vehicles,
            generation: generation, aheadUnknownUntil: aheadUnknownUntil)
    }

    /// The latest time at which `timePassed` must be called next; nil when no vehicle can change with time.
    var nextDeadline: Timestamp? { deadlines.min?.deadline }

    /// Loads rows of the store before the first snapshot, without events. May be called in slices.
    mutating func rowsLoaded(_ rows: some Sequence<StoredFix>, now: Timestamp) {
        for row in rows { _ = moved(row, now: now) }
        asOf = now
        rowSeen(now: now)
    }

    /// Notes that a row of the store brought a fix that this tracker never saw. There may be other such fixes that
    /// a clock dated ahead.
    mutating func rowSeen(now: Timestamp) {
        aheadUnknownUntil = now.advanced(by: FixBatch.clockTolerance)
    }

    /// Applies fixes; the newest wins. A fix that is not newer than the vehicle's newest by `FixOrder`, or repeats
    /// it, changes nothing.
    mutating func fixesReceived(_ fixes: some Sequence<StoredFix>, now: Timestamp) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for fix in fixes {
            if let status = moved(fix, now: now) { events.append(event(.position(status), now)) }
        }
        return events
    }

    /// Turns vehicles offline or idle whose deadline has come. Looks at `limit` vehicles at most. If `nextDeadline`
    /// is still due afterwards, the caller must call this again.
    mutating func timePassed(now: Timestamp, limit: Int = .max) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for _ in 0..<limit {
            guard let next = nextDeadline, next <= now, let entry = deadlines.popMin() else { break }
            let status =
                switch entry.kind {
                case .offline: offlineDue(entry, now: now)
                case .idle: idleDue(entry, now: now)
                }
            if let status { events.append(event(.state(status), now)) }
        }
        return events
    }
}

extension TrackerState {
    /// - Returns: the vehicle's new status; nil when `fix` does not move it.
    mutating func moved(
        _ fix: StoredFix, replacing: Bool = false, now: Timestamp
    ) -> VehicleStatus? {
        let id = fix.fix.vehicleID
        let previous = vehicles[id]
        if let previous, !replacing, !fix.moves(previous.newest) { return nil }
        let newest = fix.decided(after: previous?.newest, rules)
        let status = set(rules.state(of: newest, at: now), newest, previous)
        if status.state == .moving { queueIdle(newest) }
        if previous == nil || previous?.state == .offline, status.state != .offline {
            queueOffline(newest)
        }
        return status
    }

    private mutating func queueOffline(_ newest: StoredFix) {
        let id = newest.fix.vehicleID
        guard offlineQueuedOfRemoved.remove(id) == nil else { return }
        deadlines.insert(.init(deadline: rules.offlineDeadline(of: newest), vehicleID: id, kind: .offline))
    }

    private mutating func set(
        _ state: VehicleState, _ newest: StoredFix, _ previous: VehicleStatus?
    ) -> VehicleStatus {
        let status = VehicleStatus(
            state: state, newest: newest, aheadUntil: newest.aheadUntil(after: previous?.aheadUntil))
        if let previous { counts[state: previous.state] -= 1 }
        counts[state: state] += 1
        vehicles[status.vehicleID] = status
        return status
    }

    private mutating func queueIdle(_ newest: StoredFix) {
        let id = newest.fix.vehicleID
        guard let period = newest.motion?.slow, idleQueued.insert(id).inserted else { return }
        deadlines.insert(.init(deadline: rules.idleDeadline(of: period), vehicleID: id, kind: .idle))
    }

    private mutating func offlineDue(_ entry: VehicleDeadline, now: Timestamp) -> VehicleStatus? {
        guard let status = vehicles[entry.vehicleID], status.state != .offline else {
            offlineQueuedOfRemoved.remove(entry.vehicleID)
            return nil
        }
        let deadline = rules.offlineDeadline(of: status.newest)
        guard deadline <= now else {
            deadlines.insert(.init(deadline: deadline, vehicleID: entry.vehicleID, kind: .offline))
            return nil
        }
        return set(.offline, status.newest, status)
    }

    private mutating func idleDue(_ entry: VehicleDeadline, now: Timestamp) -> VehicleStatus? {
        idleQueued.remove(entry.vehicleID)
        guard let status = vehicles[entry.vehicleID], status.state == .moving,
            let period = status.newest.motion?.slow
        else { return nil }
        guard rules.idleDeadline(of: period) <= now else {
            queueIdle(status.newest)
            return nil
        }
        return set(.idle, status.newest, status)
    }

    mutating func removed(_ status: VehicleStatus, now: Timestamp) -> LiveEvent {
        vehicles[status.vehicleID] = nil
        if status.state != .offline { offlineQueuedOfRemoved.insert(status.vehicleID) }
        counts[state: status.state] -= 1
        return event(.removed(status.vehicleID), now)
    }

    mutating func event(_ kind: LiveEvent.Kind, _ now: Timestamp) -> LiveEvent {
        seq &+= 1
        asOf = now
        return LiveEvent(fleetID: fleetID, epoch: epoch, seq: seq, generation: generation, kind: kind)
    }
}

extension StoredFix {
    /// Whether two fixes of the same identity have different content.
    func differs(from other: StoredFix) -> Bool {
        fix != other.fix || receivedAt != other.receivedAt
    }

    /// Whether this fix moves a vehicle whose newest fix is `previous`. A repeat does not, even if it was received
    /// later.
    fileprivate func moves(_ previous: StoredFix) -> Bool {
        fix.recordedAt != previous.fix.recordedAt && isNewer(than: previous)
    }

    /// The value of `VehicleStatus.aheadUntil` once this fix is the newest one.
    fileprivate func aheadUntil(after previous: Timestamp?) -> Timestamp? {
        if isAhead { return max(fix.recordedAt, previous ?? fix.recordedAt) }
        guard let previous, previous > fix.recordedAt else { return nil }
        return previous
    }
}
