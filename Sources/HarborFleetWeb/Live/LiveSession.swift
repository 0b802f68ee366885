internal import Endpoint
internal import EventLoops
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
    private static let roomyThreshold = WebSocketLimits().outboxBytes / 2

    let fleetID: FleetID
    weak var topic: LiveTopic?
    private(set) var access: LiveAccess
    private let hub: LiveHub
    private let fleets: FleetContext
    private let resumesFrom: StreamPosition?
    private var state = LiveStreamState()
    private weak var channel: WebSocketChannel?
    private var reviewTimer: ScheduledTimer?

    init(
        fleetID: FleetID, resumesFrom: StreamPosition?, access: LiveAccess, fleets: FleetContext, hub: LiveHub
    ) {
        self.fleetID = fleetID
        self.resumesFrom = resumesFrom
        self.access = access
        self.fleets = fleets
        self.hub = hub
    }

    var isOpen: Bool { channel?.isOpen ?? false }

    func opened(_ channel: WebSocketChannel) {
        self.channel = channel
        // Joined before the snapshot is taken: see LiveStreamState.
        hub.join(self, on: channel.loop)
        awaitReview(on: channel)
        if let resumesFrom, resume(from: resumesFrom, on: channel) { return }
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
        hub.leave(self, on: channel.loop)
        reviewTimer?.cancel()
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
        guard channel.pendingBytes == 0, let topic, let snapshot = fleets.snapshot(of: fleetID) else {
            return
        }
        state.snapshotSent(snapshot)
        channel.send(encodedFrames: topic.frame(of: snapshot))
    }

    private func resume(from place: StreamPosition, on channel: WebSocketChannel) -> Bool {
        guard let missed = fleets.resume(fleetID, since: place) else { return false }
        channel.send(encodedFrames: LiveFrames.resumed(place, missed.events))
        state.snapshotSent(missed.snapshot)
        return true
    }

    // MARK: Access

    /// The credential was looked at again: who it is, nil when it is good no more.
    func reviewed(_ identity: Identity?) {
        guard let channel, channel.isOpen else { return }
        guard let identity, identity.scope.contains(fleetID) else { return refuse(channel) }
        access.identity = identity
        awaitReview(on: channel)
    }

    private func awaitReview(on channel: WebSocketChannel) {
        reviewTimer?.cancel()
        guard let goodFor = access.goodFor else { return }
        reviewTimer = channel.loop.schedule(after: max(goodFor, .zero)) { [weak self] in self?.reviewIsDue() }
    }

    private func reviewIsDue() {
        guard let channel, channel.isOpen else { return }
        guard !access.hasExpired else { return refuse(channel) }
        LiveReview.start([self], on: channel.loop)
    }

    private func refuse(_ channel: WebSocketChannel) {
        channel.close(.policyViolation, reason: "the token is no longer valid")
    }
}
