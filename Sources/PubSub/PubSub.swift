package import EventLoops

/// Topics with subscribers that live on event loops.
///
/// A publisher never waits for a subscriber: it appends its messages once per loop that has subscribers of the
/// topic, and each loop hands what has gathered to its own subscribers in one pass. After a pass the next one
/// waits for `max(minimumInterval, 2 × the pass)`, so that few subscribers get a message at once and many get
/// several joined.
///
/// Messages of one topic reach a subscriber in the order in which `publish` was called, provided that the calls
/// do not overlap; a topic's publisher is one tracker.
package final class PubSub<Message: Sendable>: Sendable {
    private let boards: [LoopBoard<Message>]

    /// - Parameter minimumInterval: the least time between two passes over a topic on one loop.
    package init(group: EventLoopGroup, minimumInterval: Duration = .zero) {
        boards = group.loops.map { LoopBoard(loop: $0, minimumInterval: minimumInterval) }
    }

    /// Hands messages to all subscribers of the topic, in order. Callable from any thread; never blocks.
    package func publish(_ messages: [Message], to topic: String) {
        guard !messages.isEmpty else { return }
        for board in boards { board.publish(messages, to: topic) }
    }

    /// Subscribes on the loop that calls; `deliver` runs there with one or more messages until the subscription
    /// is cancelled. Messages published after this call returns are delivered, earlier ones may be.
    package func subscribe(
        to topic: String, on loop: EventLoop, deliver: @escaping ([Message]) -> Void
    ) -> Subscription<Message>? {
        guard let board = boards.first(where: { $0.loop === loop }) else { return nil }
        return board.subscribe(to: topic, deliver: deliver)
    }

    /// How many subscriptions there are, on all loops.
    package var subscriptionCount: Int {
        boards.reduce(0) { $0 + $1.count }
    }

    /// How many messages were lost because a loop was too far behind.
    package var dropped: Int {
        boards.reduce(0) { $0 + $1.dropped }
    }
}
