package import EventLoops
internal import FleetAccess
package import HarborFleet
package import PubSub

/// The live topics of all loops. Each loop's board is touched on that loop only.
package final class LiveHub: Sendable {
    /// The topics of one loop.
    private final class Board {
        var topics: [FleetID: LiveTopic] = [:]
        var accesses: [Credential: LiveAccess] = [:]
    }

    private let pubSub: PubSub<LiveEvent>
    private let authenticator: Authenticator
    private let boards: PerLoop<Board>
    private let slice: Int
    /// The snapshots of large fleets, made on no loop for all who wait.
    let largeSnapshots: SingleFlight<FleetID, SnapshotFrame>

    /// - Parameter authenticator: is asked again who the subscribers are.
    package convenience init(
        group: EventLoopGroup, pubSub: PubSub<LiveEvent>, authenticator: Authenticator
    ) {
        self.init(group: group, pubSub: pubSub, authenticator: authenticator, slice: LiveTopic.slice)
    }

    /// - Parameter slice: subscribers of one topic that are sent to in one turn of a loop.
    package init(
        group: EventLoopGroup, pubSub: PubSub<LiveEvent>, authenticator: Authenticator, slice: Int
    ) {
        self.pubSub = pubSub
        self.authenticator = authenticator
        self.slice = slice
        largeSnapshots = SingleFlight(width: FleetSnapshot.largeAtOnce(group.loops))
        boards = PerLoop(group.loops) { Board() }
    }

    /// Adds a subscriber on the loop that calls; events published from now on reach it.
    func join(_ session: LiveSession, _ fleetID: FleetID, on loop: EventLoop) -> LiveTopic? {
        guard let board = boards[loop] else { return nil }
        let topic = board.topics[fleetID] ?? make(fleetID, on: loop, in: board)
        topic.join(session)
        return topic
    }

    func leave(_ session: LiveSession, _ topic: LiveTopic, on loop: EventLoop) {
        topic.leave(session)
        if topic.isEmpty { boards[loop]?.topics[topic.fleetID] = nil }
    }

    /// Has a subscriber's right to be here looked at again from time to time.
    func join(_ session: LiveSession, _ reader: LiveReader, on loop: EventLoop) -> LiveAccess? {
        guard let board = boards[loop] else { return nil }
        let access = board.accesses[reader.credential] ?? LiveAccess(reader, authenticator, on: loop)
        board.accesses[reader.credential] = access
        access.join(session, reader)
        return access
    }

    func leave(_ session: LiveSession, _ access: LiveAccess, on loop: EventLoop) {
        access.leave(session)
        if access.isEmpty { boards[loop]?.accesses[access.credential] = nil }
    }

    /// Tokens may have changed: every subscriber's right to be here is looked at again.
    package func revisionChanged() {
        boards.forEach { [slice] board, loop in
            SlicedPass(Array(board.accesses.values), slice: slice).run(on: loop) { $0.review() }
        }
    }

    /// A large fleet's snapshot, made on no loop, as it was when `asked` was, or later.
    /// - Throws: `CancellationError`.
    func largeFrame(
        notOlderThan asked: FleetSnapshot, from fleets: FleetContext
    ) async throws -> SnapshotFrame {
        try await largeSnapshots.value(for: asked.fleetID) {
            $0.snapshot.isNotOlder(than: asked)
        } make: {
            SnapshotFrame(fleets.snapshot(of: asked.fleetID) ?? asked)
        }
    }

    private func make(_ fleetID: FleetID, on loop: EventLoop, in board: Board) -> LiveTopic {
        let topic = LiveTopic(fleetID: fleetID, on: loop, pubSub: pubSub, slice: slice)
        board.topics[fleetID] = topic
        return topic
    }
}
