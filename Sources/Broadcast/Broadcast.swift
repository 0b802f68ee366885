package import EventLoops
internal import Synchronization

/// Topics whose members live on event loops.
///
/// A publisher never waits for a member: it appends its messages once per loop on which the topic has members, and each
/// loop hands what has gathered to its own members in one pass. How soon the next pass follows, `PaceState` says.
///
/// Messages of one topic reach a member in the order in which `publish` was called, provided that the calls do not
/// overlap: a topic has one publisher at a time.
///
///     let broadcast = Broadcast<Event>(work: TurnWork("live"))
///     let topic = Topic("north", on: loop, of: broadcast)
///     topic.join(member)
///     broadcast.publish([event], to: "north")
package final class Broadcast<Message: Sendable>: Sendable {
    let work: TurnWork
    private let adapter: any Adapter<Message>
    /// The topics that have members, by name: one per loop.
    private let topics = Mutex<[String: [Topic<Message>]]>([:])
    private let droppedMessages = Atomic(0)

    /// - Parameters:
    ///   - work: what the turns are called in which members are served.
    ///   - adapter: takes what is published to other servers.
    package init(work: TurnWork, adapter: any Adapter<Message> = LocalAdapter()) {
        self.work = work
        self.adapter = adapter
    }

    /// Hands messages to all members of the topic, on this server and on others, in order. Callable from any thread;
    /// never blocks.
    package func publish(_ messages: [Message], to name: String) {
        guard !messages.isEmpty else { return }
        deliver(messages, to: name)
        adapter.publish(messages, to: name)
    }

    /// As `publish`, to the members on this server only: for messages that come from another one.
    package func deliver(_ messages: [Message], to name: String) {
        for topic in topics.withLock({ $0[name] ?? [] }) {
            let dropped = topic.append(messages)
            if dropped > 0 { droppedMessages.wrappingAdd(dropped, ordering: .relaxed) }
        }
    }

    /// How many topics have members, counted per loop.
    package var topicCount: Int {
        topics.withLock { $0.values.reduce(0) { $0 + $1.count } }
    }

    /// How many messages were dropped because a loop was too far behind, counted per loop.
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
