internal import Broadcast
internal import EventLoops
internal import HarborFleet

/// The streams of one fleet on one loop, and the snapshot that they begin with. Touched on its loop only.
final class LiveTopic {
    let fleetID: FleetID
    let members: Topic<LiveEvent>
    private let hub: LiveHub
    private var newest: SnapshotFrame?
    /// The streams that wait for a large snapshot, which is being made while there are any.
    private var waiting: [ObjectIdentifier: LiveStream] = [:]

    init(_ fleetID: FleetID, on loop: EventLoop, of hub: LiveHub) {
        self.fleetID = fleetID
        self.hub = hub
        members = Topic(fleetID.topic, on: loop, of: hub.broadcast)
    }

    func leave(_ stream: LiveStream) {
        members.leave(stream)
        if members.isEmpty { hub.remove(self, on: members.loop) }
    }

    /// What came after a position.
    func resume(since position: StreamPosition) -> Resumption? {
        hub.fleets.resume(fleetID, since: position)
    }

    /// The newest snapshot's frame; made once per snapshot, however many streams begin with it.
    /// - Returns: nil when the fleet has no snapshot, or one that is too large to be made here. The stream gets that one
    ///   when it is made.
    func newestFrame(for stream: LiveStream) -> SnapshotFrame? {
        guard let snapshot = hub.fleets.snapshot(of: fleetID) else { return nil }
        if let newest, newest.snapshot === snapshot { return newest }
        if snapshot.isLarge {
            makeFrame(notOlderThan: snapshot, for: stream)
        } else {
            newest = SnapshotFrame(snapshot)
        }
        return snapshot.isLarge ? nil : newest
    }

    /// Has a large fleet's snapshot made on no loop, and gives it to all streams that wait for one by then.
    ///
    /// A tracker that starts afresh makes all of a fleet's subscribers ask at once.
    private func makeFrame(notOlderThan asked: FleetSnapshot, for stream: LiveStream) {
        let isFirst = waiting.isEmpty
        waiting[ObjectIdentifier(stream)] = stream
        guard isFirst else { return }
        let topic = LoopBound(self, on: members.loop)
        Task(executorPreference: members.loop) { [hub] in
            // Nothing cancels it.
            let frame = try? await hub.largeFrame(notOlderThan: asked)
            topic.value.made(frame)
        }
    }

    private func made(_ frame: SnapshotFrame?) {
        let streams = Slices(waiting.values)
        waiting = [:]
        guard let frame else { return }
        newest = frame
        streams.run(on: members.loop, as: LiveHub.work) { $0.made(frame) }
    }
}

extension FleetID {
    /// The name of a fleet's topic: `fleet:ID`.
    var topic: String { "fleet:\(rawValue)" }
}
