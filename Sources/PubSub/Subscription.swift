/// A subscriber of one topic. It belongs to the loop that made it.
package final class Subscription<Message: Sendable> {
    let id: UInt64
    let topic: String
    private weak var board: LoopBoard<Message>?

    init(id: UInt64, topic: String, board: LoopBoard<Message>) {
        self.id = id
        self.topic = topic
        self.board = board
    }

    /// Ends the subscription; nothing is delivered afterwards. Harmless when it has ended.
    package func cancel() {
        board?.cancel(self)
        board = nil
    }
}
