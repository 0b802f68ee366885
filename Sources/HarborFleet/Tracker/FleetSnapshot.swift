package import HashTreeCollections

/// A fleet as it stood at one `seq`. Immutable; taking one costs the same whatever the number of vehicles.
package final class FleetSnapshot: Sendable {
    package let fleetID: FleetID
    /// Changes whenever `seq` starts afresh; unique across servers.
    package let epoch: String
    package let seq: UInt64
    /// When this `seq` was made.
    package let asOf: Timestamp
    package let counts: StateCounts
    package let vehicles: TreeDictionary<VehicleID, VehicleStatus>
    /// Of the tracker that made it; a later tracker's is higher.
    package let generation: UInt64
    /// Up to when clocks that ran ahead may have dated fixes that the tracker never saw: those from before it loaded, and
    /// those that another server took.
    let aheadUnknownUntil: Timestamp
    /// The snapshot as live subscribers get it first; kept, since many of them join at one `seq`.
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

    /// Where this snapshot stands in the live stream.
    package var position: StreamPosition { StreamPosition(epoch: epoch, seq: seq) }

    /// Whether it is of the same stream as another, and no further back.
    package func isNotOlder(than other: FleetSnapshot) -> Bool { position.isNotOlder(than: other.position) }

    /// The vehicles in the order of their ids.
    package var sortedVehicles: [VehicleStatus] {
        vehicles.values.sorted { $0.vehicleID < $1.vehicleID }
    }

    /// The first vehicles in the order of their ids as people count (`NaturalOrder`), at most `count`. Looks at each id
    /// once, and sorts no more than twice `count` at a time.
    package func firstVehicles(_ count: Int) -> [VehicleStatus] {
        var ids: [VehicleID] = []
        // The last of `count` ids: those behind it are out.
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
