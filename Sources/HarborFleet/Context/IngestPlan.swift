internal import HashTreeCollections

/// What of a batch can be taken, given the fleet as it stands. Pure.
struct IngestPlan {
    private(set) var fixes: [StoredFix] = []
    private(set) var rejected: [RejectedFix]

    /// - Parameters:
    ///   - known: the vehicles at the latest snapshot.
    ///   - newVehicles: which of the others may be made.
    init(
        _ batch: FixBatch, receivedAt: Timestamp, known: TreeDictionary<VehicleID, VehicleStatus>,
        newVehicles: Set<VehicleID>
    ) {
        rejected = batch.rejected
        var speeds = SpeedDerivation(known: known, batch: batch)
        fixes.reserveCapacity(batch.fixes.count)
        for numbered in batch.fixes {
            let id = numbered.fix.vehicleID
            guard known[id] != nil || newVehicles.contains(id) else {
                rejected.append(Self.fullFleet(numbered.ordinal))
                continue
            }
            fixes.append(
                StoredFix(
                    fix: numbered.fix, receivedAt: receivedAt,
                    derivedSpeedMetersPerSecond: speeds.speed(for: numbered.fix)))
        }
        rejected.sort { $0.ordinal < $1.ordinal }
    }

    private static func fullFleet(_ ordinal: Int) -> RejectedFix {
        let error = FieldError(
            pointer: "/fixes/\(ordinal)/vehicle_id", detail: "must be a vehicle of the fleet, which is full")
        return RejectedFix(ordinal: ordinal, errors: [error])
    }
}

/// Derives speeds for fixes that have none, each from the newest one before it.
///
/// Decided once, before a fix goes to the tracker and to the store, so that memory and table agree.
private struct SpeedDerivation {
    private let known: TreeDictionary<VehicleID, VehicleStatus>
    private let isNeeded: Bool
    private var newest: [VehicleID: Fix] = [:]

    init(known: TreeDictionary<VehicleID, VehicleStatus>, batch: FixBatch) {
        self.known = known
        isNeeded = batch.fixes.contains { $0.fix.speedMetersPerSecond == nil }
    }

    mutating func speed(for fix: Fix) -> Double? {
        guard isNeeded else { return nil }
        let previous = newest[fix.vehicleID] ?? known[fix.vehicleID]?.newest.fix
        if let previous, previous.recordedAt >= fix.recordedAt { return nil }
        newest[fix.vehicleID] = fix
        guard fix.speedMetersPerSecond == nil, let previous else { return nil }
        return DerivedSpeed.metersPerSecond(from: previous, to: fix)
    }
}
