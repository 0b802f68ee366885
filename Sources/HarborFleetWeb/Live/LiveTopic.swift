internal import Endpoint
internal import EventLoops
internal import HarborFleet
internal import PubSub

/// The subscribers of one fleet on one loop. They share one subscription, and the bytes that all of them get are
/// made once. Touched on its loop only.
final class LiveTopic {
    let fleetID: FleetID
    private var subscription: Subscription<LiveEvent>?
    private var sessions: [ObjectIdentifier: LiveSession] = [:]
    private var snapshotFrame: (snapshot: FleetSnapshot, bytes: SharedBytes)?

    init(fleetID: FleetID, on loop: EventLoop, pubSub: PubSub<LiveEvent>) {
        self.fleetID = fleetID
        subscription = pubSub.subscribe(to: fleetID.topic, on: loop) { [weak self] in self?.deliver($0) }
    }

    var isEmpty: Bool { sessions.isEmpty }

    var all: [LiveSession] { Array(sessions.values) }

    func join(_ session: LiveSession) {
        sessions[ObjectIdentifier(session)] = session
    }

    func leave(_ session: LiveSession) {
        sessions[ObjectIdentifier(session)] = nil
        guard isEmpty else { return }
        subscription?.cancel()
        subscription = nil
    }

    /// The snapshot's frame; made once per snapshot, however many subscribers start with it.
    func frame(of snapshot: FleetSnapshot) -> SharedBytes {
        if let known = snapshotFrame, known.snapshot === snapshot { return known.bytes }
        let bytes = SharedBytes(LiveFrames.text(snapshot.encodeLiveSnapshot()))
        snapshotFrame = (snapshot, bytes)
        return bytes
    }

    private func deliver(_ events: [LiveEvent]) {
        let joined = LiveFrames.joined(events)
        for session in sessions.values { session.deliver(events, joined: joined) }
    }
}

extension FleetID {
    /// The pubsub topic of a fleet.
    package var topic: String { "fleet:\(rawValue)" }
}
