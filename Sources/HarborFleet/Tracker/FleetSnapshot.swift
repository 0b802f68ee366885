package import HashTreeCollections
import Synchronization

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
    private let liveMessage = Mutex<[UInt8]?>(nil)

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

    /// The body of the status, vehicles sorted by id: n log n in their number. The same bytes each time.
    package func encodeStatus() -> [UInt8] {
        var output = emptyMessage()
        output.append(UInt8(ascii: "{"))
        appendMembers(to: &output)
        return output
    }

    /// The first message of a live stream: `{"type":"snapshot","recovered":false,` and the status. Made on
    /// the first call and kept, since many subscribers join at one `seq`.
    package func encodeLiveSnapshot() -> [UInt8] {
        if let message = liveMessage.withLock({ $0 }) { return message }
        var output = emptyMessage()
        JSONWriter.append(raw: "{\"type\":\"snapshot\",\"recovered\":false,", to: &output)
        appendMembers(to: &output)
        let message = output
        liveMessage.withLock { $0 = message }
        return message
    }

    private func emptyMessage() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256 + 288 * vehicles.count)
        return output
    }

    private func appendMembers(to output: inout [UInt8]) {
        JSONWriter.append(raw: "\"fleet_id\":", to: &output)
        JSONWriter.append(identifier: fleetID.rawValue, to: &output)
        JSONWriter.append(raw: ",\"epoch\":", to: &output)
        JSONWriter.append(identifier: epoch, to: &output)
        JSONWriter.append(raw: ",\"seq\":", to: &output)
        JSONWriter.append(seq, to: &output)
        JSONWriter.append(raw: ",\"as_of\":", to: &output)
        JSONWriter.append(asOf, to: &output)
        counts.append(to: &output)
        JSONWriter.append(raw: ",\"vehicles\":[", to: &output)
        for (index, vehicle) in sortedVehicles.enumerated() {
            output.append(contentsOf: (index == 0 ? "{" : ",{").utf8)
            output.append(contentsOf: vehicle.fragment)
            output.append(UInt8(ascii: "}"))
        }
        JSONWriter.append(raw: "]}", to: &output)
    }

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

extension StateCounts {
    /// Appends the status's member `counts` with the comma in front of it.
    fileprivate func append(to output: inout [UInt8]) {
        JSONWriter.append(raw: ",\"counts\":{\"moving\":", to: &output)
        JSONWriter.append(moving, to: &output)
        JSONWriter.append(raw: ",\"idle\":", to: &output)
        JSONWriter.append(idle, to: &output)
        JSONWriter.append(raw: ",\"offline\":", to: &output)
        JSONWriter.append(offline, to: &output)
        output.append(UInt8(ascii: "}"))
    }
}
