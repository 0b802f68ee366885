internal import HashTreeCollections
import Synchronization

/// Limits the number of vehicles in a fleet. Vehicles on their way into the snapshot count too.
///
/// A vehicle is on its way while at least one POST with it is in progress. After a POST with it was stored, it
/// stays on its way until the snapshot shows it, which takes a moment. A vehicle that was removed meanwhile never
/// appears, so its place is free again after `patience`.
final class VehicleQuota: Sendable {
    private static let patience: Duration = .seconds(60)

    private struct Entry {
        /// POSTs in progress.
        var posts = 0
        /// When the last POST was stored; nil when none was.
        var storedAt: ContinuousClock.Instant?

        func isNeeded(_ isKnown: Bool, now: ContinuousClock.Instant) -> Bool {
            if posts > 0 { return true }
            guard !isKnown, let storedAt else { return false }
            return now < storedAt + VehicleQuota.patience
        }
    }

    private let maximum: Int
    private let underWay = Mutex<[VehicleID: Entry]>([:])

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Returns the vehicles of `batch` that are not in `known` and may be created, chosen in the order of the
    /// batch. The caller must report the outcome with `ended`.
    func newVehicles(
        in batch: FixBatch, known: TreeDictionary<VehicleID, VehicleStatus>, now: ContinuousClock.Instant
    ) -> Set<VehicleID> {
        let wanted = batch.fixes.lazy.map(\.fix.vehicleID).filter { known[$0] == nil }
        guard wanted.first != nil else { return [] }
        return underWay.withLock { underWay in
            underWay = underWay.filter { $0.value.isNeeded(known[$0.key] != nil, now: now) }
            var count = known.count + underWay.keys.count { known[$0] == nil }
            var admitted: Set<VehicleID> = []
            for id in wanted where !admitted.contains(id) {
                if underWay[id] == nil {
                    guard count < maximum else { continue }
                    count += 1
                }
                underWay[id, default: Entry()].posts += 1
                admitted.insert(id)
            }
            return admitted
        }
    }

    /// Ends a POST that contained these new vehicles.
    /// - Parameter isStored: whether the POST was stored. If it was not, the place of each vehicle that no other
    ///   POST uses is free again.
    func ended(_ vehicles: Set<VehicleID>, isStored: Bool, now: ContinuousClock.Instant) {
        guard !vehicles.isEmpty else { return }
        underWay.withLock { underWay in
            for id in vehicles {
                guard var entry = underWay.removeValue(forKey: id) else { continue }
                entry.posts -= 1
                if isStored { entry.storedAt = now }
                if entry.posts > 0 || entry.storedAt != nil { underWay[id] = entry }
            }
        }
    }
}
