/// One change of a fleet as live subscribers see it. Immutable and shared.
package final class LiveEvent: Sendable {
    package enum Kind: Sendable {
        /// A new tracker has started: a new epoch begins with this snapshot.
        case snapshot(FleetSnapshot)
        /// A vehicle has a newer fix.
        case position(VehicleStatus)
        /// A vehicle changed its state without a new fix.
        case state(VehicleStatus)
        /// The vehicle was removed.
        case removed(VehicleID)
        /// The fleet was removed: nothing follows. This event has no message of its own; the streams are closed.
        case ended
    }

    package let fleetID: FleetID
    package let epoch: String
    /// Increases by one with each change of an epoch: positions, states and removals. A snapshot and `ended` are no
    /// change: they carry the `seq` of the last change before them, or 0.
    package let seq: UInt64
    /// The generation of the tracker that made the event. A subscriber that has seen a higher one drops the event.
    package let generation: UInt64
    package let kind: Kind
    /// The encoded event.
    package let encoded = EncodedForm()

    init(fleetID: FleetID, epoch: String, seq: UInt64, generation: UInt64, kind: Kind) {
        self.fleetID = fleetID
        self.epoch = epoch
        self.seq = seq
        self.generation = generation
        self.kind = kind
    }

    /// The vehicle that the event is about.
    package var vehicleID: VehicleID? {
        switch kind {
        case .position(let status), .state(let status): status.vehicleID
        case .removed(let id): id
        case .snapshot, .ended: nil
        }
    }

    /// The position of a subscriber that has seen this event.
    package var position: StreamPosition { StreamPosition(epoch: epoch, seq: seq) }
}

/// Delivers events to subscribers. The fleet's tracker calls it, and `Fleets` for `ended`, after it has stopped the
/// tracker. So the events of a fleet come in order, from one caller at a time. Must not block.
package protocol LiveEventSink: Sendable {
    /// Publishes `events` of one fleet, which are sorted by `seq`.
    func publish(_ events: [LiveEvent], of fleetID: FleetID)
}
