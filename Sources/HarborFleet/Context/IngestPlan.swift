/// What of a batch can be taken, given the fleet as it stands. Pure.
struct IngestPlan {
    private(set) var fixes: [StoredFix] = []
    private(set) var rejected: [RejectedFix]
    /// The place in `fixes` of each vehicle's newest; of a single fix nobody looks it up.
    private var newest: [VehicleID: Int] = [:]
    private let isSingle: Bool

    /// - Parameters:
    ///   - known: of each fix its vehicle as in the latest snapshot; nil for one that is not in it.
    ///   - newVehicles: which of these may be made.
    ///   - rules: those of the tracker.
    init(
        _ batch: FixBatch, receivedAt: Timestamp, known: [VehicleStatus?], newVehicles: Set<VehicleID>,
        rules: MotionRules
    ) {
        rejected = batch.rejected
        fixes.reserveCapacity(batch.fixes.count)
        isSingle = batch.fixes.count == 1
        if !isSingle { newest.reserveCapacity(batch.fixes.count) }
        for (numbered, status) in zip(batch.fixes, known) {
            guard status != nil || newVehicles.contains(numbered.fix.vehicleID) else {
                rejected.append(Self.fullFleet(numbered.ordinal))
                continue
            }
            append(StoredFix(fix: numbered.fix, receivedAt: receivedAt), after: status, rules)
        }
        if rejected.count > batch.rejected.count { rejected.sort { $0.ordinal < $1.ordinal } }
    }

    /// Decides the speed and the motion of a fix from the newest one before it.
    ///
    /// Once, before a fix goes to the tracker and to the store, so that memory and table agree.
    private mutating func append(_ fix: StoredFix, after status: VehicleStatus?, _ rules: MotionRules) {
        let previous = newest[fix.fix.vehicleID].map { fixes[$0] } ?? status?.newest
        // A late one moves nobody; should the newer one never become durable, it counts by itself.
        if let previous, previous.fix.recordedAt >= fix.fix.recordedAt {
            return fixes.append(fix.decided(after: nil, rules))
        }
        if !isSingle { newest[fix.fix.vehicleID] = fixes.count }
        fixes.append(fix.decided(after: previous, rules))
    }

    private static func fullFleet(_ ordinal: Int) -> RejectedFix {
        let error = FieldError(
            pointer: "/fixes/\(ordinal)/vehicle_id", detail: "must be a vehicle of the fleet, which is full")
        return RejectedFix(ordinal: ordinal, errors: [error])
    }
}
