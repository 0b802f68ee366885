package import EventLoops
internal import Synchronization

/// Delivers the messages of topics to members on event loops.
///
/// A publisher never waits for a member. It appends its messages once to each loop on which the topic has members. Each
/// loop delivers the gathered messages to its own members in one pass. `PaceState` decides when the next pass begins.
///
/// A member gets the messages of one topic in the order of the calls of `publish`. These calls must not overlap: a
/// topic may have only one publisher at a time.
///
///     let broadcast = Broadcast<Event>(work: TurnWork("live"))
///     let topic = Topic("north", on: loop, of: broadcast)
///     topic.join(member)
///     broadcast.publish([event], to: "north")
package final class Broadcast<Message: Sendable>: Sendable {
    let work: TurnWork
    private let adapter: any Adapter<Message>
    /// The topics that have members, by name. Each loop has a topic object of its own.
    private let topics = Mutex<[String: [Topic<Message>]]>([:])
    private let droppedMessages = Atomic(0)

    /// - Parameters:
    ///   - work: the name, in reports of long turns, for turns of a loop that serve members.
    ///   - adapter: passes published messages to other servers.
    package init(work: TurnWork, adapter: any Adapter<Message> = LocalAdapter()) {
        self.work = work
        self.adapter = adapter
    }

    /// Sends messages to all members of the topic, on this server and on others, in order. It may be called from any
    /// thread and never blocks.
    package func publish(_ messages: [Message], to name: String) {
        guard !messages.isEmpty else { return }
        deliver(messages, to: name)
        adapter.publish(messages, to: name)
    }

    /// As `publish`, but only to the members on this server, for messages that come from another server.
    package func deliver(_ messages: [Message], to name: String) {
        for topic in topics.withLock({ $0[name] ?? [] }) {
            let dropped = topic.append(messages)
            if dropped > 0 { droppedMessages.wrappingAdd(dropped, ordering: .relaxed) }
        }
    }

    /// The number of topics that have members, counted once for each loop.
    package var topicCount: Int {
        topics.withLock { $0.values.reduce(0) { $0 + $1.count } }
    }

    /// The number of messages that were dropped because a loop was too far behind, counted once for each loop.
    package var dropped: Int { droppedMessages.load(ordering: .relaxed) }

    func add(_ topic: Topic<Message>) {
        topics.withLock { $0[topic.name, default: []].append(topic) }
    }

    func remove(_ topic: Topic<Message>) {
        topics.withLock { topics in
            let others = topics[topic.name]?.filter { $0 !== topic } ?? []
            topics[topic.name] = others.isEmpty ? nil : others
        }
    }
}

/// Passes the messages of this server to other servers. Their messages arrive through `Broadcast.deliver`.
package protocol Adapter<Message>: Sendable {
    associatedtype Message: Sendable

    /// Passes on messages that were published on this server, in order. It is called from any thread and
    /// must not block.
    func publish(_ messages: [Message], to topic: String)
}

/// The adapter for a single server. It does nothing, because every member is on this server.
package struct LocalAdapter<Message: Sendable>: Adapter {
    package init() {}

    package func publish(_ messages: [Message], to topic: String) {}
}
