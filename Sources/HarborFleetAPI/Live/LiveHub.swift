package import Broadcast
package import EventLoops
internal import FleetAccess
package import HarborFleet

/// Holds the live topics and reviewed credentials of all loops. Those of a loop are used on that loop only.
package final class LiveHub: Sendable {
    /// The topics and credentials of one loop.
    private final class Entries {
        var topics: [FleetID: LiveTopic] = [:]
        var accesses: [Credential: LiveAccess] = [:]
    }

    /// The name of loop turns that work through many streams.
    package static let work = TurnWork("live")

    let broadcast: Broadcast<LiveEvent>
    let fleets: Fleets
    let authenticator: Authenticator
    private let entries: PerLoop<Entries>
    /// The snapshots of large fleets, encoded off the loops, once for all requests that wait.
    let largeSnapshots: SingleFlight<FleetID, SnapshotFrame>

    /// - Parameter authenticator: reviews the subscribers' credentials.
    package init(
        group: EventLoopGroup, broadcast: Broadcast<LiveEvent>, fleets: Fleets,
        authenticator: Authenticator
    ) {
        self.broadcast = broadcast
        self.fleets = fleets
        self.authenticator = authenticator
        largeSnapshots = SingleFlight(width: FleetSnapshot.largeAtOnce(group.loops))
        entries = PerLoop(group.loops) { Entries() }
    }

    /// Begins a stream. Call it on the subscriber's loop.
    /// - Parameter first: the snapshot that the stream begins with, if it was too large to be encoded on the
    ///   loop.
    /// - Returns: nil on a loop that is not of the hub's group.
    func stream(
        _ request: LiveRequest, from first: SnapshotFrame?, to subscriber: any Subscriber
    ) -> LiveStream? {
        let loop = subscriber.loop
        guard let entries = entries[loop] else { return nil }
        let topic = entries.topics[request.fleetID] ?? LiveTopic(request.fleetID, on: loop, of: self)
        entries.topics[request.fleetID] = topic
        let access = request.reader.credential.map { credential in
            entries.accesses[credential] ?? LiveAccess(credential, of: request.reader, on: loop, of: self)
        }
        if let access { entries.accesses[access.credential] = access }
        let stream = LiveStream(to: subscriber, topic: topic, access: access)
        stream.begin(request, from: first)
        return stream
    }

    /// Removes a topic whose last stream has ended.
    func remove(_ topic: LiveTopic, on loop: EventLoop) {
        entries[loop]?.topics[topic.fleetID] = nil
    }

    /// Removes a credential whose last stream has ended.
    func remove(_ access: LiveAccess, on loop: EventLoop) {
        entries[loop]?.accesses[access.credential] = nil
    }

    /// Reviews all credentials, because tokens may have changed.
    package func revisionChanged() {
        entries.forEach { entries, loop in
            Slices(entries.accesses.values).run(on: loop, as: Self.work) { $0.review() }
        }
    }

    /// A large fleet's snapshot, encoded off the loops, that is as new as `asked` or newer.
    /// - Throws: `CancellationError`.
    func largeFrame(notOlderThan asked: FleetSnapshot) async throws -> SnapshotFrame {
        try await largeSnapshots.value(for: asked.fleetID) {
            $0.snapshot.isNotOlder(than: asked)
        } make: {
            SnapshotFrame(fleets.snapshot(of: asked.fleetID) ?? asked)
        }
    }
}

/// The name of a fleet's topic is made from the fleet's id.
extension Broadcast: LiveEventSink where Message == LiveEvent {
    package func publish(_ events: [LiveEvent], of fleetID: FleetID) {
        publish(events, to: fleetID.topic)
    }
}
