/// One change of a fleet, as live subscribers see it. Immutable and shared; its JSON is written once.
package final class LiveEvent: Sendable {
    package enum Kind: Sendable {
        /// A tracker took over: a new epoch begins with this snapshot.
        case snapshot(FleetSnapshot)
        /// A newer fix of a vehicle.
        case position(VehicleStatus)
        /// Another state without a fix.
        case state(VehicleStatus)
        /// The vehicle is gone.
        case removed(VehicleID)
        /// The fleet is gone: nothing follows. Has no message of its own; streams are closed.
        case ended
    }

    package let fleetID: FleetID
    package let epoch: String
    /// Rises by one with each event of an epoch. A snapshot's is that of the snapshot.
    package let seq: UInt64
    /// Of the tracker that made it. Whoever has seen a higher one drops the event.
    package let generation: UInt64
    package let kind: Kind
    private let message: [UInt8]

    init(fleetID: FleetID, epoch: String, seq: UInt64, generation: UInt64, kind: Kind) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.seq = seq
        self.generation = generation
        self.kind = kind
        message = LiveMessage.encode(kind, fleetID: fleetID, seq: seq)
    }

    /// The event as a JSON object; empty for `.ended`.
    package var json: [UInt8] {
        switch kind {
        case .snapshot(let snapshot): snapshot.encodeLiveSnapshot()
        case .position, .state, .removed, .ended: message
        }
    }

    /// The vehicle that it is about.
    package var vehicleID: VehicleID? {
        switch kind {
        case .position(let status), .state(let status): status.vehicleID
        case .removed(let id): id
        case .snapshot, .ended: nil
        }
    }

    /// Where a subscriber stands who has seen it.
    package var position: StreamPosition { StreamPosition(epoch: epoch, seq: seq) }
}

/// Takes events to subscribers. Called by one tracker at a time per fleet, in order; must not block.
package protocol LiveEventSink: Sendable {
    /// Hands out `events` of one fleet, which are in the order of their `seq`.
    func publish(_ events: [LiveEvent], of fleetID: FleetID)
}

/// Writes the messages of the live stream.
private enum LiveMessage {
    static func encode(_ kind: LiveEvent.Kind, fleetID: FleetID, seq: UInt64) -> [UInt8] {
        var output: [UInt8] = []
        switch kind {
        case .position(let status): appendPosition(status, fleetID, seq, to: &output)
        case .state(let status):
            appendHead("state", seq, status.vehicleID, to: &output)
            JSONWriter.append(raw: ",\"state\":", to: &output)
            JSONWriter.append(identifier: status.state.rawValue, to: &output)
            output.append(UInt8(ascii: "}"))
        case .removed(let id):
            appendHead("removed", seq, id, to: &output)
            output.append(UInt8(ascii: "}"))
        case .snapshot, .ended: break
        }
        return output
    }

    private static func appendPosition(
        _ status: VehicleStatus, _ fleetID: FleetID, _ seq: UInt64, to output: inout [UInt8]
    ) {
        output.reserveCapacity(status.fragment.count + 128)
        JSONWriter.append(raw: "{\"type\":\"position\",\"seq\":", to: &output)
        JSONWriter.append(seq, to: &output)
        JSONWriter.append(raw: ",\"fleet_id\":", to: &output)
        JSONWriter.append(identifier: fleetID.rawValue, to: &output)
        output.append(UInt8(ascii: ","))
        output.append(contentsOf: status.fragment)
        output.append(UInt8(ascii: "}"))
    }

    private static func appendHead(
        _ type: String, _ seq: UInt64, _ vehicleID: VehicleID, to output: inout [UInt8]
    ) {
        JSONWriter.append(raw: "{\"type\":", to: &output)
        JSONWriter.append(identifier: type, to: &output)
        JSONWriter.append(raw: ",\"seq\":", to: &output)
        JSONWriter.append(seq, to: &output)
        JSONWriter.append(raw: ",\"vehicle_id\":", to: &output)
        JSONWriter.append(identifier: vehicleID.rawValue, to: &output)
    }
}
