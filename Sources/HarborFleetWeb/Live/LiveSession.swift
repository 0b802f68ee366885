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

    let fleetID: FleetID
    weak var topic: LiveTopic?
    private let hub: LiveHub
    private let fleets: FleetContext
    private let access: LiveAccess
    private let resumesFrom: StreamPosition?
    private var state = LiveStreamState()
    private weak var channel: WebSocketChannel?

    init(
        fleetID: FleetID, resumesFrom: StreamPosition?, access: LiveAccess, fleets: FleetContext, hub: LiveHub
    ) {
        self.fleetID = fleetID
        self.resumesFrom = resumesFrom
        self.access = access
        self.fleets = fleets
        self.hub = hub
    }

    func opened(_ channel: WebSocketChannel) {
        self.channel = channel
        // Joined before the snapshot is taken: see LiveStreamState.
        hub.join(self, on: channel.loop)
        if let resumesFrom, resume(from: resumesFrom, on: channel) { return }
        sendSnapshot(on: channel)
    }

    /// Clients have nothing to say on this stream; what they say is ignored, so that a later version may use it.
    func text(_ message: [UInt8], on channel: WebSocketChannel) {}

    func binary(_ message: [UInt8], on channel: WebSocketChannel) {}

    func drained(_ channel: WebSocketChannel) {
        guard let released = state.released() else { return sendSnapshot(on: channel) }
        for (event, conflated) in released {
            channel.send(encodedFrames: SharedBytes(LiveFrames.frame(event, conflated: conflated)))
        }
    }

    func overflow(of bytes: Int, on channel: WebSocketChannel) -> OverflowPolicy {
        .close(.tryAgainLater)
    }

    func closed(_ channel: WebSocketChannel, code: CloseCode?, reason: [UInt8]) {
        hub.leave(self, on: channel.loop)
        self.channel = nil
    }

    /// Events of the topic, in order; `joined` is all their frames in one piece.
    func deliver(_ events: [LiveEvent], joined: SharedBytes) {
        guard let channel, channel.isOpen else { return }
        if state.isNext(events), !isSlow(channel) {
            state.sent(events)
            channel.send(encodedFrames: joined)
            return
        }
        channel.batch {
            for event in events { deliver(event, on: channel) }
        }
    }

    /// Closes the stream when the credential behind it is no longer good.
    func checkCredential() {
        guard let channel else { return }
        let session = LoopBound(channel, on: channel.loop)
        access.check(fleetID, on: channel.loop) { isAllowed in
            if !isAllowed { session.value.close(.policyViolation, reason: "the token is no longer valid") }
        }
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
        channel.isBlocked && channel.pendingBytes > Self.conflationThreshold
    }

    /// Without a snapshot the tracker is just being restarted: its first event brings one.
    private func sendSnapshot(on channel: WebSocketChannel) {
        guard let topic, let snapshot = fleets.snapshot(of: fleetID) else { return }
        state.snapshotSent(snapshot)
        channel.send(encodedFrames: topic.frame(of: snapshot))
    }

    private func resume(from place: StreamPosition, on channel: WebSocketChannel) -> Bool {
        guard let missed = fleets.resume(fleetID, since: place) else { return false }
        channel.send(text: LiveFrames.resumed(place))
        channel.send(encodedFrames: LiveFrames.joined(missed.events))
        state.snapshotSent(missed.snapshot)
        return true
    }
}
