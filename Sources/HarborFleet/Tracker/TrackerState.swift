internal import HashTreeCollections

/// What a tracker knows of its fleet. Pure: fixes, rows and the time go in, events come out.
struct TrackerState: Sendable {
    let fleetID: FleetID
    let epoch: String
    let generation: UInt64
    let rules: MotionRules
    private(set) var seq: UInt64 = 0
    private(set) var asOf: Timestamp
    private(set) var counts = StateCounts()
    private(set) var vehicles: TreeDictionary<VehicleID, VehicleStatus> = [:]
    private var slow: [VehicleID: SlowPeriod] = [:]
    private var deadlines = DeadlineQueue()
    /// The vehicles that have an entry of kind `.idle` in `deadlines`.
    private var idleQueued: Set<VehicleID> = []
    /// Removed vehicles that still have an entry of kind `.offline` in `deadlines`.
    private var offlineQueuedOfRemoved: Set<VehicleID> = []
    /// The merge that is under way.
    var merge: RowMerge?

    init(fleetID: FleetID, epoch: String, generation: UInt64, rules: MotionRules, now: Timestamp) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.generation = generation
        self.rules = rules
        asOf = now
    }

    /// The fleet as it is; costs the same whatever its size.
    var snapshot: FleetSnapshot {
        FleetSnapshot(
            fleetID: fleetID, epoch: epoch, seq: seq, asOf: asOf, counts: counts, vehicles: vehicles,
            generation: generation)
    }

    /// When `timePassed` has to be called next, at the latest; nil without vehicles that can change.
    var nextDeadline: Timestamp? { deadlines.next }

    /// Takes rows of the store in before the first snapshot: no events. May be called with slices.
    mutating func rowsLoaded(_ rows: some Sequence<StoredFix>, now: Timestamp) {
        for row in rows { _ = moved(row, now: now) }
        asOf = now
    }

    /// Newest wins: a fix that is older than the vehicle's newest, or is it, changes nothing.
    mutating func fixesReceived(_ fixes: some Sequence<StoredFix>, now: Timestamp) -> [LiveEvent] {
        var events: [LiveEvent] = []
        for fix in fixes {
            if let status = moved(fix, now: now) { events.append(event(.position(status), now)) }
        }
        return events
    }

    /// Turns vehicles offline, or idle, whose time has come.
    mutating func timePassed(now: Timestamp) -> [LiveEvent] {
        var events: [LiveEvent] = []
        while let entry = deadlines.takeDue(at: now) {
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
        if let previous, !replacing, fix.fix.recordedAt <= previous.newest.fix.recordedAt { return nil }
        let newest = fix.withDerivedSpeed(since: previous?.newest)
        let decision = rules.decision(
            previous: previous?.state, slow: slow[id], newest: newest, now: now)
        let status = set(decision.state, newest, previous)
        setSlow(decision.slow, id)
        if previous == nil || previous?.state == .offline, decision.state != .offline {
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
        let status = VehicleStatus(state: state, newest: newest)
        if let previous { counts[state: previous.state] -= 1 }
        counts[state: state] += 1
        vehicles[status.vehicleID] = status
        return status
    }

    private mutating func setSlow(_ period: SlowPeriod?, _ id: VehicleID) {
        slow[id] = period
        guard let period, idleQueued.insert(id).inserted else { return }
        deadlines.insert(.init(deadline: rules.idleDeadline(of: period), vehicleID: id, kind: .idle))
    }

    private mutating func offlineDue(_ entry: DeadlineQueue.Entry, now: Timestamp) -> VehicleStatus? {
        guard let status = vehicles[entry.vehicleID], status.state != .offline else {
            offlineQueuedOfRemoved.remove(entry.vehicleID)
            return nil
        }
        let deadline = rules.offlineDeadline(of: status.newest)
        guard deadline <= now else {
            deadlines.insert(.init(deadline: deadline, vehicleID: entry.vehicleID, kind: .offline))
            return nil
        }
        slow[entry.vehicleID] = nil
        return set(.offline, status.newest, status)
    }

    private mutating func idleDue(_ entry: DeadlineQueue.Entry, now: Timestamp) -> VehicleStatus? {
        idleQueued.remove(entry.vehicleID)
        guard let period = slow[entry.vehicleID], let status = vehicles[entry.vehicleID] else { return nil }
        guard rules.idleDeadline(of: period) <= now else {
            setSlow(period, entry.vehicleID)
            return nil
        }
        slow[entry.vehicleID] = nil
        return set(.idle, status.newest, status)
    }

    mutating func removed(_ status: VehicleStatus, now: Timestamp) -> LiveEvent {
        vehicles[status.vehicleID] = nil
        slow[status.vehicleID] = nil
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
    /// Whether two of one identity say different things.
    func differs(from other: StoredFix) -> Bool {
        fix != other.fix || receivedAt != other.receivedAt
    }

    /// With the speed since `previous`, when neither the partner nor whoever stored it gave one.
    fileprivate func withDerivedSpeed(since previous: StoredFix?) -> StoredFix {
        guard decidingSpeedMetersPerSecond == nil, let previous else { return self }
        var copy = self
        copy.derivedSpeedMetersPerSecond = DerivedSpeed.metersPerSecond(from: previous.fix, to: fix)
        return copy
    }
}
