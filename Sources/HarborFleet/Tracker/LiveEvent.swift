/// One change of a fleet, as live subscribers see it. Immutable and shared.
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
    /// The event as it is sent.
    package let encoded = EncodedForm()

    init(fleetID: FleetID, epoch: String, seq: UInt64, generation: UInt64, kind: Kind) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.seq = seq
        self.generation = generation
        self.kind = kind
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
