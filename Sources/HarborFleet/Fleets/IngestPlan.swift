/// What of a batch can be taken, given the fleet as it stands. Pure.
struct IngestPlan {
    private(set) var fixes: [StoredFix] = []
    /// The places in `fixes` of those that the tracker may see only once they are accepted: they are ahead, or may repeat
    /// one that was. A repeat looks newer than the fixes since, and must move nothing.
    private(set) var held: [Int] = []
    private(set) var rejected: [RejectedFix]
    /// The place in `fixes` of each vehicle's newest; of a single fix nobody looks it up.
    private var newest: [VehicleID: Int] = [:]
    private let isSingle: Bool
    private let rules: MotionRules

    /// - Parameters:
    ///   - known: of each fix its vehicle as in the latest snapshot; nil for one that is not in it.
    ///   - newVehicles: which of these may be made.
    ///   - aheadUnknownUntil: that of the snapshot.
    ///   - rules: those of the tracker.
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
        // Last, and those that are ahead behind all: should one of them be a repeat, then what was decided of the others must
        // not come from it.
        for isAhead in [false, true] {
            for (place, status) in zip(held, heldStatuses) where fixes[place].isAhead == isAhead {
                decide(place, after: status)
            }
        }
        if rejected.count > batch.rejected.count { rejected.sort { $0.ordinal < $1.ordinal } }
    }

    /// Decides the speed and the motion of a fix from the newest one before it.
    ///
    /// Once, before a fix goes to the tracker and to the store, so that memory and table agree.
    private mutating func decide(_ place: Int, after status: VehicleStatus?) {
        let fix = fixes[place]
        let previous = newest[fix.fix.vehicleID].map { fixes[$0] } ?? status?.newest
        // A late one moves nobody; should the newer one never become durable, it counts by itself.
        let isLate = previous.map { !fix.isNewer(than: $0) } ?? false
        if !isLate, !isSingle { newest[fix.fix.vehicleID] = place }
        fixes[place] = fix.decided(after: isLate ? nil : previous, rules)
    }

    private static func fullFleet(_ ordinal: Int) -> RejectedFix {
        let error = FieldError(
            pointer: "/fixes/\(ordinal)/vehicle_id", detail: "must be a vehicle of the fleet, which is full")
        return RejectedFix(ordinal: ordinal, errors: [error])
    }
}

extension StoredFix {
    /// A fix that arrives this close to its date is a vehicle's that reports now. A repeat of one that was ahead would be so
    /// by chance alone.
    private static let liveMilliseconds: Int64 = 5_000

    /// Whether the store has to say first that this fix is no repeat, given its vehicle as it stands.
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
