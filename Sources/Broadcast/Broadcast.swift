package import EventLoops
internal import Synchronization

/// Topics whose members live on event loops.
///
/// A publisher never waits for a member: it appends its messages once per loop on which the topic has members, and each
/// loop hands what has gathered to its own members in one pass. After a pass the next one waits for
/// `max(minimumInterval, 2 × the pass)`, see `PaceState`.
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
    let minimumInterval: Duration
    let sliceSize: Int
    private let adapter: any Adapter<Message>
    /// The topics that have members, by name: one per loop.
    private let topics = Mutex<[String: [Topic<Message>]]>([:])
    private let droppedMessages = Atomic(0)

    /// - Parameters:
    ///   - work: what the turns are called in which members are served.
    ///   - minimumInterval: the least time between two passes over a topic on one loop.
    ///   - sliceSize: members that are served in one turn of a loop.
    ///   - adapter: takes what is published to other servers.
    package init(
        work: TurnWork, minimumInterval: Duration = .zero, sliceSize: Int = 256,
        adapter: any Adapter<Message> = LocalAdapter()
    ) {
        self.work = work
        self.minimumInterval = minimumInterval
        self.sliceSize = sliceSize
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
