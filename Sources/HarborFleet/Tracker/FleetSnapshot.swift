package import HashTreeCollections

/// The state of a fleet at one `seq`. Immutable. Taking a snapshot has a constant cost, whatever the number of
/// vehicles.
package final class FleetSnapshot: Sendable {
    package let fleetID: FleetID
    /// Changes whenever `seq` starts again; unique across servers.
    package let epoch: String
    package let seq: UInt64
    /// When this `seq` was made.
    package let asOf: Timestamp
    package let counts: StateCounts
    package let vehicles: TreeDictionary<VehicleID, VehicleStatus>
    /// The generation of the tracker that made the snapshot. A later tracker has a higher one.
    package let generation: UInt64
    /// The latest date of fixes that ran ahead and that the tracker may not have seen. Such fixes were received
    /// before the tracker loaded, or by another server.
    let aheadUnknownUntil: Timestamp
    /// The snapshot in the encoding that live subscribers get first. Cached, because many of them join at one
    /// `seq`.
    package let encoded = EncodedForm()

    init(
        fleetID: FleetID, epoch: String, seq: UInt64, asOf: Timestamp, counts: StateCounts,
        vehicles: TreeDictionary<VehicleID, VehicleStatus>, generation: UInt64,
        aheadUnknownUntil: Timestamp = Timestamp(milliseconds: .min)
    ) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.seq = seq
        self.asOf = asOf
        self.counts = counts
        self.vehicles = vehicles
        self.generation = generation
        self.aheadUnknownUntil = aheadUnknownUntil
    }

    /// The position of this snapshot in the live stream.
    package var position: StreamPosition { StreamPosition(epoch: epoch, seq: seq) }

    /// Whether this snapshot is of the same stream as `other`, and at the same position or later.
    package func isNotOlder(than other: FleetSnapshot) -> Bool { position.isNotOlder(than: other.position) }

    /// The vehicles, sorted by id.
    package var sortedVehicles: [VehicleStatus] {
        vehicles.values.sorted { $0.vehicleID < $1.vehicleID }
    }

    /// The first vehicles in the natural order of their ids (`NaturalOrder`), at most `count`. Looks at each id
    /// once, and never sorts more than twice `count` ids at a time.
    package func firstVehicles(_ count: Int) -> [VehicleStatus] {
        var ids: [VehicleID] = []
        // The last of the first `count` ids found so far. Ids after it cannot be in the result.
        var last: VehicleID?
        for id in vehicles.keys {
            if let last, Self.isInOrder(last, id) { continue }
            ids.append(id)
            guard ids.count >= 2 * count else { continue }
            ids = Array(ids.sorted(by: Self.isInOrder).prefix(count))
            last = ids.last
        }
        return ids.sorted(by: Self.isInOrder).prefix(count).compactMap { vehicles[$0] }
    }

    private static func isInOrder(_ a: VehicleID, _ b: VehicleID) -> Bool {
        NaturalOrder.isInOrder(a.rawValue, b.rawValue)
    }
}
