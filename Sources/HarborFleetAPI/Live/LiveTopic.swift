internal import Broadcast
internal import EventLoops
internal import HarborFleet

/// The streams of one fleet on one loop, and the snapshot that they begin with. Used on its loop only.
final class LiveTopic {
    let fleetID: FleetID
    let members: Topic<LiveEvent>
    private let hub: LiveHub
    private var newest: SnapshotFrame?
    /// The streams that wait for a large snapshot. While there are any, one is being encoded.
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

    /// The events after a position.
    func resume(since position: StreamPosition) -> Resumption? {
        hub.fleets.resume(fleetID, since: position)
    }

    /// The frame of the newest snapshot; encoded once per snapshot, however many streams begin with it.
    /// - Returns: nil when the fleet has no snapshot, or one that is too large to be encoded here. The stream
    ///   gets that one through `made` when it is ready.
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

    /// Has a large fleet's snapshot encoded off the loops, and hands it to all streams that wait by then.
    ///
    /// One encoding must serve them all: after a tracker restarts, all subscribers of its fleet ask at once.
    private func makeFrame(notOlderThan asked: FleetSnapshot, for stream: LiveStream) {
        let isFirst = waiting.isEmpty
        waiting[ObjectIdentifier(stream)] = stream
        guard isFirst else { return }
        let topic = LoopBound(self, on: members.loop)
        Task(executorPreference: members.loop) { [hub] in
            // No one cancels this task, so `largeFrame` does not throw.
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
