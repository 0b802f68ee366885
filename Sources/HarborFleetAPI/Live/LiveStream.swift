internal import Broadcast
internal import EventLoops
internal import FleetAccess
internal import HarborFleet

/// A fleet's events on their way to one subscriber, which gets a snapshot and then every event in the order of `seq`.
/// Touched on the subscriber's loop only.
///
/// A subscriber that does not read fast enough is not sent every event any more: the stream keeps the newest position
/// of each vehicle for it, so that what waits is bounded by the fleet, and other subscribers are not held up. The
/// connection closes when it stays blocked.
final class LiveStream: Member {
    private let subscriber: any Subscriber
    private let topic: LiveTopic
    let access: LiveAccess?
    var topicPlace = Place.none
    var accessPlace = Place.none
    private var state = LiveStreamState()

    init(to subscriber: any Subscriber, topic: LiveTopic, access: LiveAccess?) {
        self.subscriber = subscriber
        self.topic = topic
        self.access = access
    }

    /// Joins the topic and sends what comes before its events.
    func begin(_ request: LiveRequest, from first: SnapshotFrame?) {
        // Joined before the snapshot is taken: see LiveStreamState.
        topic.members.join(self)
        access?.join(self, of: request.reader)
        if let place = request.resumesFrom, resume(from: place) { return }
        if let first, begin(with: first) { return }
        sendSnapshot()
    }

    /// The subscriber has gone: the topic and the stream refer to each other no more.
    func end() {
        topic.leave(self)
        access?.leave(self)
    }

    // MARK: Events

    func deliver(_ batch: Batch<LiveEvent>) {
        guard subscriber.isOpen else { return }
        if state.isNext(batch.messages), subscriber.takesInOnePiece(batch.bytes(in: LiveFrames.plain).count) {
            state.sent(batch.messages)
            return subscriber.send(shared: batch.bytes(in: LiveFrames.plain))
        }
        deliver(batch.messages)
    }

    /// Each event for itself.
    private func deliver(_ events: [LiveEvent]) {
        subscriber.batch {
            for event in events { deliver(event) }
        }
        // Only a connection that was blocked tells that there is room.
        release()
    }

    private func deliver(_ event: LiveEvent) {
        switch state.eventArrived(event, isBlocked: subscriber.isSlow) {
        case .ignore, .hold: break
        case .send: subscriber.send(shared: LiveFrames.plain.encode([event]))
        case .sendSnapshot: sendSnapshot()
        case .close: subscriber.close(.topicRemoved)
        }
    }

    /// Sends what was held, or a snapshot in its place, once nothing waits: then one message is taken whatever its
    /// length.
    func release() {
        guard subscriber.isOpen, subscriber.pendingBytes == 0, state.isBehind else { return }
        guard let released = state.released(atMost: subscriber.roomyBytes) else { return sendSnapshot() }
        subscriber.send(shared: LiveFrames.joined(released))
    }

    /// Waits while anything else waits: a snapshot may be longer than what is still taken. `release` comes back to
    /// it. Without a snapshot the tracker is just being restarted: its first event brings one.
    private func sendSnapshot() {
        guard subscriber.pendingBytes == 0, let frame = topic.newestFrame(for: self) else { return }
        send(frame)
    }

    private func send(_ frame: SnapshotFrame) {
        state.snapshotSent(frame.snapshot)
        subscriber.send(shared: frame.bytes)
    }

    /// A large fleet's snapshot has been made for the streams that wait for it.
    func made(_ frame: SnapshotFrame) {
        guard subscriber.isOpen, state.needsSnapshot else { return }
        if !begin(with: frame) { sendSnapshot() }
    }

    /// Begins with a snapshot from before the stream joined, and goes on as one that comes back there.
    private func begin(with first: SnapshotFrame) -> Bool {
        guard subscriber.pendingBytes == 0, let missed = topic.resume(since: first.snapshot.position) else {
            return false
        }
        send(first)
        deliver(missed.events)
        return true
    }

    private func resume(from place: StreamPosition) -> Bool {
        guard let missed = topic.resume(since: place) else { return false }
        subscriber.send(shared: LiveFrames.resumed(place, missed.events))
        state.snapshotSent(missed.snapshot)
        return true
    }

    // MARK: Access

    /// The credential was reviewed.
    /// - Parameter identity: who it is; nil when the credential is no longer valid.
    func reviewed(_ identity: Identity?) {
        guard identity?.scope.contains(topic.fleetID) != true, subscriber.isOpen else { return }
        subscriber.close(.accessEnded)
    }
}
