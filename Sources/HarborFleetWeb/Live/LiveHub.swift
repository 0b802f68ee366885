package import EventLoops
package import HarborFleet
package import PubSub

/// The live topics of all loops. Each loop's board is touched on that loop only, which `LoopBound` checks.
package final class LiveHub: Sendable {
    /// The topics of one loop.
    final class Board {
        var topics: [FleetID: LiveTopic] = [:]
    }

    private let pubSub: PubSub<LiveEvent>
    private let boards: [LoopBound<Board>]

    package init(group: EventLoopGroup, pubSub: PubSub<LiveEvent>) {
        self.pubSub = pubSub
        boards = group.loops.map { LoopBound(Board(), on: $0) }
    }

    /// Adds a subscriber on the loop that calls; events published from now on reach it.
    func join(_ session: LiveSession, on loop: EventLoop) {
        guard let board = board(of: loop) else { return }
        let topic = board.topics[session.fleetID] ?? make(session.fleetID, on: loop, in: board)
        topic.join(session)
        session.topic = topic
    }

    func leave(_ session: LiveSession, on loop: EventLoop) {
        guard let topic = session.topic else { return }
        session.topic = nil
        topic.leave(session)
        if topic.isEmpty { board(of: loop)?.topics[topic.fleetID] = nil }
    }

    /// Tokens may have changed: every subscriber's right to be here is looked at again.
    package func revisionChanged() {
        for board in boards {
            board.loop.execute {
                for topic in board.value.topics.values { topic.all.forEach { $0.checkCredential() } }
            }
        }
    }

    private func board(of loop: EventLoop) -> Board? {
        boards.first { $0.loop === loop }?.value
    }

    private func make(_ fleetID: FleetID, on loop: EventLoop, in board: Board) -> LiveTopic {
        let topic = LiveTopic(fleetID: fleetID, on: loop, pubSub: pubSub)
        board.topics[fleetID] = topic
        return topic
    }
}
