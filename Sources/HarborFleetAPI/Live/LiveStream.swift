internal import Broadcast
internal import EventLoops
internal import FleetAccess
internal import HarborFleet

/// Sends a fleet's events to one subscriber: a snapshot first, then every event in the order of `seq`. Used on
/// the subscriber's loop only.
///
/// A subscriber that reads too slowly no longer gets every event. The stream then keeps only the newest position
/// of each vehicle for it, so that the size of the fleet bounds what waits, and other subscribers are not
/// delayed. The connection closes when it stays blocked.
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

    /// Joins the topic and sends the messages that precede its events.
    func begin(_ request: LiveRequest, from first: SnapshotFrame?) {
        // The stream joins before it takes the snapshot: see LiveStreamState.
        topic.members.join(self)
        access?.join(self, of: request.reader)
        if let place = request.resumesFrom, resume(from: place) { return }
        if let first, begin(with: first) { return }
        sendSnapshot()
    }

    /// The subscriber is gone: the topic and the stream drop their references to each other.
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

    /// Delivers each event by itself.
    private func deliver(_ events: [LiveEvent]) {
        subscriber.batch {
            for event in events { deliver(event) }
        }
        // Only a connection that was blocked reports that there is room again.
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

    /// Sends the held events, or a snapshot in their place, once the outbox is empty: then it takes one message
    /// of any length.
    func release() {
        guard subscriber.isOpen, subscriber.pendingBytes == 0, state.isBehind else { return }
        guard let released = state.released(atMost: subscriber.roomyBytes) else { return sendSnapshot() }
        subscriber.send(shared: LiveFrames.joined(released))
    }

    /// Does nothing while the outbox is not empty, because a snapshot may be longer than the room that is left;
    /// `release` tries again. If the fleet has no snapshot, its tracker is being restarted, and the tracker's
    /// first event brings one.
    private func sendSnapshot() {
        guard subscriber.pendingBytes == 0, let frame = topic.newestFrame(for: self) else { return }
        send(frame)
    }

    private func send(_ frame: SnapshotFrame) {
        state.snapshotSent(frame.snapshot)
        subscriber.send(shared: frame.bytes)
    }

    /// Gets a large fleet's snapshot that was encoded for the waiting streams.
    func made(_ frame: SnapshotFrame) {
        guard subscriber.isOpen, state.needsSnapshot else { return }
        if !begin(with: frame) { sendSnapshot() }
    }

    /// Begins with a snapshot from before the stream joined, and continues like a stream that resumes there.
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

    /// Gets the outcome of a review of the credential.
    /// - Parameter identity: the identity now; nil when the credential is no longer valid.
    func reviewed(_ identity: Identity?) {
        guard identity?.scope.contains(topic.fleetID) != true, subscriber.isOpen else { return }
        subscriber.close(.accessEnded)
    }
}
