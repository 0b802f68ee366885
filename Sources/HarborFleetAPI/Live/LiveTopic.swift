internal import Endpoint
internal import EventLoops
package import HarborFleet
internal import PubSub

/// The subscribers of one fleet on one loop. They share one subscription, and the bytes that all of them get are
/// made once. Touched on its loop only.
///
/// A batch goes to so many subscribers per turn of the loop. What arrives meanwhile gathers and follows as one
/// batch when the last subscriber has had this one, so that all of them get everything in order.
final class LiveTopic {
    /// Subscribers that are sent to in one turn of the loop.
    static let slice = 256
    /// Events that gather at most; a topic that is so far behind lets go of them, and its subscribers, who see the
    /// gap, start afresh.
    private static let capacity = 16_384

    let fleetID: FleetID
    private let loop: EventLoop
    private let slice: Int
    private var subscription: Subscription<LiveEvent>?
    private var sessions: [ObjectIdentifier: LiveSession] = [:]
    private var snapshotFrame: SnapshotFrame?
    private var makesFrame = false
    private static let work = TurnWork("live")
    private var current: (batch: LiveBatch, pass: SlicedPass<LiveSession>)?
    private var gathered: [LiveEvent] = []

    init(fleetID: FleetID, on loop: EventLoop, pubSub: PubSub<LiveEvent>, slice: Int) {
        self.fleetID = fleetID
        self.loop = loop
        self.slice = slice
        subscription = pubSub.subscribe(to: fleetID.topic, on: loop) { [weak self] in self?.arrived($0) }
    }

    var isEmpty: Bool { sessions.isEmpty }

    func join(_ session: LiveSession) {
        sessions[ObjectIdentifier(session)] = session
        // It may be owed the events of this very batch; those that its snapshot holds it drops.
        current?.pass.append(session)
    }

    func leave(_ session: LiveSession) {
        sessions[ObjectIdentifier(session)] = nil
        guard isEmpty else { return }
        subscription?.cancel()
        subscription = nil
    }

    /// The snapshot's frame; made once per snapshot, however many subscribers start with it.
    /// - Returns: nil when it is too large to be made here, and has to be by `makeFrame`.
    func frame(of snapshot: FleetSnapshot) -> SharedBytes? {
        if let known = snapshotFrame, known.snapshot === snapshot { return known.bytes }
        guard !snapshot.isLarge else { return nil }
        let frame = SnapshotFrame(snapshot)
        snapshotFrame = frame
        return frame.bytes
    }

    /// Has a large fleet's snapshot made on no loop, and gives it to all subscribers who wait for one by then.
    ///
    /// A tracker that starts afresh makes all of a fleet's subscribers ask at once.
    func makeFrame(notOlderThan asked: FleetSnapshot, from fleets: FleetContext, by hub: LiveHub) {
        guard !makesFrame else { return }
        makesFrame = true
        let topic = LoopBound(self, on: loop)
        Task(executorPreference: loop) {
            // Nothing cancels it.
            let frame = try? await hub.largeFrame(notOlderThan: asked, from: fleets)
            topic.value.made(frame)
        }
    }

    private func made(_ frame: SnapshotFrame?) {
        makesFrame = false
        guard let frame else { return }
        snapshotFrame = frame
        SlicedPass(Array(sessions.values), slice: slice).run(on: loop) { [loop] session in
            loop.begins(Self.work)
            session.made(frame)
        }
    }

    private func arrived(_ events: [LiveEvent]) {
        if gathered.count + events.count > Self.capacity { gathered.removeAll() }
        gathered += events
        guard current == nil else { return }
        startBatch()
        deliverSlice()
    }

    private func startBatch() {
        current = (LiveBatch(gathered), SlicedPass(Array(sessions.values), slice: slice))
        gathered = []
    }

    private func deliverSlice() {
        loop.begins(Self.work)
        guard let batch = current?.batch, let sessions = current?.pass.nextSlice() else { return }
        for session in sessions { session.deliver(batch) }
        if current?.pass.isDone ?? true { current = nil }
        if current == nil, !gathered.isEmpty { startBatch() }
        guard current != nil else { return }
        let topic = LoopBound(self, on: loop)
        loop.execute { topic.value.deliverSlice() }
    }
}

extension FleetID {
    /// The pubsub topic of a fleet.
    package var topic: String { "fleet:\(rawValue)" }
}
