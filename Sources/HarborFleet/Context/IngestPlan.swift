internal import HashTreeCollections

/// What of a batch can be taken, given the fleet as it stands. Pure.
struct IngestPlan {
    private(set) var fixes: [StoredFix] = []
    private(set) var rejected: [RejectedFix]

    /// - Parameters:
    ///   - known: the vehicles at the latest snapshot.
    ///   - newVehicles: which of the others may be made.
    ///   - rules: those of the tracker.
    init(
        _ batch: FixBatch, receivedAt: Timestamp, known: TreeDictionary<VehicleID, VehicleStatus>,
        newVehicles: Set<VehicleID>, rules: MotionRules
    ) {
        rejected = batch.rejected
        var decider = FixDecider(known: known, rules: rules)
        fixes.reserveCapacity(batch.fixes.count)
        for numbered in batch.fixes {
            let id = numbered.fix.vehicleID
            guard known[id] != nil || newVehicles.contains(id) else {
                rejected.append(Self.fullFleet(numbered.ordinal))
                continue
            }
            fixes.append(decider.decided(StoredFix(fix: numbered.fix, receivedAt: receivedAt)))
        }
        rejected.sort { $0.ordinal < $1.ordinal }
    }

    private static func fullFleet(_ ordinal: Int) -> RejectedFix {
        let error = FieldError(
            pointer: "/fixes/\(ordinal)/vehicle_id", detail: "must be a vehicle of the fleet, which is full")
        return RejectedFix(ordinal: ordinal, errors: [error])
    }
}

/// Decides the speed and the motion of each fix from the newest one before it.
///
/// Once, before a fix goes to the tracker and to the store, so that memory and table agree.
private struct FixDecider {
    private let known: TreeDictionary<VehicleID, VehicleStatus>
    private let rules: MotionRules
    private var newest: [VehicleID: StoredFix] = [:]

    init(known: TreeDictionary<VehicleID, VehicleStatus>, rules: MotionRules) {
        self.known = known
        self.rules = rules
    }

    mutating func decided(_ fix: StoredFix) -> StoredFix {
        let id = fix.fix.vehicleID
        let previous = newest[id] ?? known[id]?.newest
        // A late one moves nobody; should the newer one never become durable, it counts by itself.
        if let previous, previous.fix.recordedAt >= fix.fix.recordedAt {
            return fix.decided(after: nil, rules)
        }
        let decided = fix.decided(after: previous, rules)
        newest[id] = decided
        return decided
    }
}
