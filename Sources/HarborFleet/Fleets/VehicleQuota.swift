internal import HashTreeCollections
import Synchronization

/// Lets new vehicles into a fleet up to a number, those counted that are on their way into the snapshot.
///
/// A vehicle is on its way while a POST with it is under way, of which there may be several, and when one of them was
/// stored until the snapshot shows it. That takes a moment; one that was removed meanwhile never comes, so its place is
/// free again after `patience`.
final class VehicleQuota: Sendable {
    private static let patience: Duration = .seconds(60)

    private struct Entry {
        /// Under way.
        var posts = 0
        /// When the last one was stored; nil when none was.
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

    /// Which vehicles of `batch` that are not in `known` may be made, in the order of the batch. The caller tells by
    /// `ended` what became of them.
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

    /// The POST of these new vehicles is over.
    /// - Parameter isStored: else others may be made instead of those that no other POST has.
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
