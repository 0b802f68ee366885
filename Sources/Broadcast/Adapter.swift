/// Where the messages of this server leave for other servers. Theirs come in through `Broadcast.deliver`.
package protocol Adapter<Message>: Sendable {
    associatedtype Message: Sendable

    /// Takes messages that were published on this server, in order. Called from any thread; must not block.
    func publish(_ messages: [Message], to topic: String)
}

/// The adapter of a server without others: every member is on this one.
package struct LocalAdapter<Message: Sendable>: Adapter {
    package init() {}

    package func publish(_ messages: [Message], to topic: String) {}
}
