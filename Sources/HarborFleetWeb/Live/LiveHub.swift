package import EventLoops
package import HarborFleet
package import PubSub

/// The live topics of all loops. Each loop's board is touched on that loop only.
package final class LiveHub: Sendable {
    /// The topics of one loop.
    private final class Board {
        var topics: [FleetID: LiveTopic] = [:]
    }

    private let pubSub: PubSub<LiveEvent>
    private let boards: PerLoop<Board>
    private let slice: Int

    package convenience init(group: EventLoopGroup, pubSub: PubSub<LiveEvent>) {
        self.init(group: group, pubSub: pubSub, slice: LiveTopic.slice)
    }

    /// - Parameter slice: subscribers of one topic that are sent to in one turn of a loop.
    init(group: EventLoopGroup, pubSub: PubSub<LiveEvent>, slice: Int) {
        self.pubSub = pubSub
        self.slice = slice
        boards = PerLoop(group.loops) { Board() }
    }

    /// Adds a subscriber on the loop that calls; events published from now on reach it.
    func join(_ session: LiveSession, on loop: EventLoop) {
        guard let board = boards[loop] else { return }
        let topic = board.topics[session.fleetID] ?? make(session.fleetID, on: loop, in: board)
        topic.join(session)
        session.topic = topic
    }

    func leave(_ session: LiveSession, on loop: EventLoop) {
        guard let topic = session.topic else { return }
        session.topic = nil
        topic.leave(session)
        if topic.isEmpty { boards[loop]?.topics[topic.fleetID] = nil }
    }

    /// Tokens may have changed: every subscriber's right to be here is looked at again.
    package func revisionChanged() {
        boards.forEach { board, loop in
            LiveReview.start(board.topics.values.flatMap(\.all), on: loop)
        }
    }

    private func make(_ fleetID: FleetID, on loop: EventLoop, in board: Board) -> LiveTopic {
        let topic = LiveTopic(fleetID: fleetID, on: loop, pubSub: pubSub, slice: slice)
        board.topics[fleetID] = topic
        return topic
    }
}
