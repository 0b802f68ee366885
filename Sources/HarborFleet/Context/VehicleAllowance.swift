internal import HashTreeCollections
import Synchronization

/// Lets new vehicles into a fleet up to a number, those counted that are on their way into the snapshot.
final class VehicleAllowance: Sendable {
    private let maximum: Int
    private let underWay = Mutex<Set<VehicleID>>([])

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Which vehicles of `batch` that are not in `known` may be made, in the order of the batch.
    func newVehicles(
        in batch: FixBatch, known: TreeDictionary<VehicleID, VehicleStatus>
    ) -> Set<VehicleID> {
        let wanted = batch.fixes.lazy.map(\.fix.vehicleID).filter { known[$0] == nil }
        guard wanted.first != nil else { return [] }
        return underWay.withLock { underWay in
            underWay = underWay.filter { known[$0] == nil }
            var admitted: Set<VehicleID> = []
            for id in wanted {
                guard underWay.contains(id) || known.count + underWay.count < maximum else { continue }
                underWay.insert(id)
                admitted.insert(id)
            }
            return admitted
        }
    }

    /// Their POST was refused: others may be made instead.
    func returned(_ vehicles: Set<VehicleID>) {
        guard !vehicles.isEmpty else { return }
        underWay.withLock { $0.subtract(vehicles) }
    }
}
