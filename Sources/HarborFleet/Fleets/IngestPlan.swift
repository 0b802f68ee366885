/// Decides which fixes of a batch can be accepted, given the current state of the fleet. Pure.
struct IngestPlan {
    private(set) var fixes: [StoredFix] = []
    /// The indices in `fixes` of those that the tracker may see only after the store has accepted them: they are
    /// dated ahead, or may repeat a fix that was. A repeat looks newer than the fixes after it, and must not move
    /// the vehicle.
    private(set) var held: [Int] = []
    private(set) var rejected: [RejectedFix]
    /// The index in `fixes` of each vehicle's newest fix. Not kept for a batch of one fix, which never needs it.
    private var newest: [VehicleID: Int] = [:]
    private let isSingle: Bool
    private let rules: MotionRules

    /// - Parameters:
    ///   - known: for each fix, its vehicle as in the latest snapshot; nil when the snapshot does not have it.
    ///   - newVehicles: the vehicles not in the snapshot that may be created.
    ///   - aheadUnknownUntil: the value of the snapshot.
    ///   - rules: the rules of the tracker.
    init(
        _ batch: FixBatch, receivedAt: Timestamp, known: [VehicleStatus?], newVehicles: Set<VehicleID>,
        aheadUnknownUntil: Timestamp, rules: MotionRules
    ) {
        rejected = batch.rejected
        self.rules = rules
        fixes.reserveCapacity(batch.fixes.count)
        isSingle = batch.fixes.count == 1
        if !isSingle { newest.reserveCapacity(batch.fixes.count) }
        var heldStatuses: [VehicleStatus?] = []
        for (numbered, status) in zip(batch.fixes, known) {
            guard status != nil || newVehicles.contains(numbered.fix.vehicleID) else {
                rejected.append(Self.fullFleet(numbered.ordinal))
                continue
            }
            fixes.append(StoredFix(fix: numbered.fix, receivedAt: receivedAt))
            let place = fixes.count - 1
            if fixes[place].isHeld(status, aheadUnknownUntil) {
                held.append(place)
                heldStatuses.append(status)
            } else {
                decide(place, after: status)
            }
        }
        // Held fixes come last, and those that are ahead come after all others. If one of them turns out to be a
        // repeat, the decisions about the other fixes must not depend on it.
        for isAhead in [false, true] {
            for (place, status) in zip(held, heldStatuses) where fixes[place].isAhead == isAhead {
                decide(place, after: status)
            }
        }
        if rejected.count > batch.rejected.count { rejected.sort { $0.ordinal < $1.ordinal } }
    }

    /// Decides the speed and the motion of a fix from the newest one before it.
    ///
    /// This happens once, before the fix goes to the tracker and to the store, so that memory and table agree.
    private mutating func decide(_ place: Int, after status: VehicleStatus?) {
        let fix = fixes[place]
        let previous = newest[fix.fix.vehicleID].map { fixes[$0] } ?? status?.newest
        // A late fix moves no vehicle. It is decided on its own, because the newer fix may never become durable.
        let isLate = previous.map { !fix.isNewer(than: $0) } ?? false
        if !isLate, !isSingle { newest[fix.fix.vehicleID] = place }
        fixes[place] = fix.decided(after: isLate ? nil : previous, rules)
    }

    private static func fullFleet(_ ordinal: Int) -> RejectedFix {
        let error = FieldError(
            pointer: "/fixes/\(ordinal)/vehicle_id",
            detail: "must be an existing vehicle, because the fleet has reached its vehicle limit")
        return RejectedFix(ordinal: ordinal, errors: [error])
    }
}

extension StoredFix {
    /// A fix that arrives this close to its own date comes from a vehicle that is reporting now. A repeat of a fix
    /// that was ahead would fall into this window only by chance.
    private static let liveMilliseconds: Int64 = 5_000

    /// Whether the store must first confirm that this fix is no repeat, given the current status of its vehicle.
    fileprivate func isHeld(_ status: VehicleStatus?, _ aheadUnknownUntil: Timestamp) -> Bool {
        if isAhead { return true }
        guard let status, isNewer(than: status.newest) else { return false }
        if let known = status.aheadUntil, fix.recordedAt <= known { return true }
        return fix.recordedAt <= aheadUnknownUntil && !isLive
    }

    private var isLive: Bool {
        fix.recordedAt.since(receivedAt).wholeMilliseconds.magnitude <= Self.liveMilliseconds
    }
}
