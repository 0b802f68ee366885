internal import Endpoint
internal import FleetAccess
internal import FleetWire
internal import HarborFleet
internal import WebSockets

/// One live subscriber: a WebSocket that gets a snapshot and then every event in the order of `seq`. Touched on
/// its loop only.
///
/// A subscriber that does not read fast enough is not sent every event any more: the newest position of each
/// vehicle is kept for it, so that what waits is bounded by the fleet, and it slows nobody. The channel closes
/// one that stays blocked.
final class LiveSession: WebSocketDelegate {
    /// Bytes that may wait before events are conflated.
    private static let conflationThreshold = 65_536
    /// As long as nothing more than this is added to what waits, nothing overflows.
    private static let roomyThreshold = WebSocketLimits.standard.outboxBytes / 2

    // From `opened` to `closed`: who refers to each other would else never go.
    private var topic: LiveTopic?
    private var access: LiveAccess?
    private var channel: WebSocketChannel?
    private var request: LiveRequest?
    private let hub: LiveHub
    private let fleets: FleetContext
    private var state = LiveStreamState()
    /// Where it stands among those of its access, which keeps it up to date.
    var placeInAccess = 0

    init(_ request: LiveRequest, fleets: FleetContext, hub: LiveHub) {
        self.request = request
        self.fleets = fleets
        self.hub = hub
    }

    func opened(_ channel: WebSocketChannel) {
        guard let request else { return }
        self.request = nil
        self.channel = channel
        // Joined before the snapshot is taken: see LiveStreamState.
        topic = hub.join(self, request.fleetID, on: channel.loop)
        access = request.reader.flatMap { hub.join(self, $0, on: channel.loop) }
        if let place = request.resumesFrom, resume(from: place, on: channel) { return }
        if let first = request.first, begin(with: first, on: channel) { return }
        sendSnapshot(on: channel)
    }

    /// Clients have nothing to say on this stream; what they say is ignored, so that a later version may use it.
    func text(_ message: [UInt8], on channel: WebSocketChannel) {}

    func binary(_ message: [UInt8], on channel: WebSocketChannel) {}

    func drained(_ channel: WebSocketChannel) {
        release(on: channel)
    }

    func overflow(of bytes: Int, on channel: WebSocketChannel) -> OverflowPolicy {
        .close(.tryAgainLater)
    }

    func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8]) {
        if let topic { hub.leave(self, topic, on: channel.loop) }
        if let access { hub.leave(self, access, on: channel.loop) }
        topic = nil
        access = nil
        self.channel = nil
    }

    // MARK: Events

    /// Events of the topic, in order.
    func deliver(_ batch: LiveBatch) {
        guard let channel, channel.isOpen else { return }
        if state.isNext(batch.events), takes(batch, channel) {
            state.sent(batch.events)
            channel.send(encodedFrames: batch.joined)
            return
        }
        channel.batch {
            for event in batch.events { deliver(event, on: channel) }
        }
        // The channel tells only those who were blocked that there is room.
        release(on: channel)
    }

    /// In one piece: always when nothing waits.
    private func takes(_ batch: LiveBatch, _ channel: WebSocketChannel) -> Bool {
        guard channel.pendingBytes > 0 else { return true }
        return !isSlow(channel) && batch.joined.count <= Self.roomyThreshold
    }

    private func deliver(_ event: LiveEvent, on channel: WebSocketChannel) {
        switch state.eventArrived(event, isBlocked: isSlow(channel)) {
        case .ignore, .hold: break
        case .send: channel.send(encodedFrames: SharedBytes(LiveFrames.text(event.json)))
        case .sendSnapshot: sendSnapshot(on: channel)
        case .close: channel.close(.goingAway, reason: "the fleet was removed")
        }
    }

    private func isSlow(_ channel: WebSocketChannel) -> Bool {
        let waiting = channel.pendingBytes
        return waiting > (channel.isBlocked ? Self.conflationThreshold : Self.roomyThreshold)
    }

    /// Sends what was held, or a snapshot in its place, once nothing waits: then one message is taken whatever its
    /// length.
    private func release(on channel: WebSocketChannel) {
        guard channel.isOpen, channel.pendingBytes == 0, state.isBehind else { return }
        guard let released = state.released(atMost: Self.roomyThreshold) else {
            return sendSnapshot(on: channel)
        }
        channel.send(encodedFrames: LiveFrames.joined(released))
    }

    /// Waits while anything else waits: a snapshot may be longer than what is still taken. `release` comes back to
    /// it. Without a snapshot the tracker is just being restarted: its first event brings one.
    private func sendSnapshot(on channel: WebSocketChannel) {
        guard channel.pendingBytes == 0, let topic,
            let snapshot = fleets.snapshot(of: topic.fleetID)
        else { return }
        guard let frame = topic.frame(of: snapshot) else {
            return topic.makeFrame(notOlderThan: snapshot, from: fleets, by: hub)
        }
        state.snapshotSent(snapshot)
        channel.send(encodedFrames: frame)
    }

    /// The snapshot of a large fleet has been made for those of the topic who wait for it.
    func made(_ frame: SnapshotFrame) {
        guard let channel, channel.isOpen, state.awaitsSnapshot else { return }
        if !begin(with: frame, on: channel) { sendSnapshot(on: channel) }
    }

    /// Begins with a snapshot from before the subscriber joined, and goes on as one that comes back there.
    private func begin(with first: SnapshotFrame, on channel: WebSocketChannel) -> Bool {
        guard channel.pendingBytes == 0, let topic,
            let missed = fleets.resume(topic.fleetID, since: first.snapshot.position)
        else { return false }
        state.snapshotSent(first.snapshot)
        channel.send(encodedFrames: first.bytes)
        channel.batch {
            for event in missed.events { deliver(event, on: channel) }
        }
        release(on: channel)
        return true
    }

    private func resume(from place: StreamPosition, on channel: WebSocketChannel) -> Bool {
        guard let topic, let missed = fleets.resume(topic.fleetID, since: place) else { return false }
        channel.send(encodedFrames: LiveFrames.resumed(place, missed.events))
        state.snapshotSent(missed.snapshot)
        return true
    }

    // MARK: Access

    /// The credential was looked at again, and this is who it is.
    func reviewed(_ identity: Identity) {
        guard let topic, !identity.scope.contains(topic.fleetID) else { return }
        refuse()
    }

    /// The credential is good no more.
    func refuse() {
        guard let channel, channel.isOpen else { return }
        channel.close(.policyViolation, reason: "the token is no longer valid")
    }
}
