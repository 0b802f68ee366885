package import EventLoops
internal import Synchronization

/// A receiver of a topic's messages. A connection that follows several topics has a member for each. Touched on its
/// loop only.
package protocol Member<Message>: AnyObject {
    associatedtype Message: Sendable

    /// Its place in the topic's list of members; `Place.none` at first. Only the list may set it.
    var topicPlace: Int32 { get set }

    /// Receives the messages of one pass. They are in order and follow those of the last pass. They may include
    /// messages that were published before the member joined.
    func deliver(_ batch: Batch<Message>)
}

/// The part of a topic on one loop: its members there, and the messages that wait for them.
///
/// Messages that are published while members are being served are collected for the next pass. So all members get
/// all messages in order, and a turn of the loop serves a bounded number of members. `PaceState` decides when a
/// slice is served.
///
/// `@unchecked Sendable`: everything below "Loop only" is touched on `loop` only; `inbox` is a Mutex.
package final class Topic<Message: Sendable>: @unchecked Sendable {
    /// The most messages that wait for a pass. Beyond it, all waiting messages are dropped. A member that numbers its
    /// messages sees the gap and starts again.
    static var capacity: Int { 16_384 }

    package let name: String
    package let loop: EventLoop
    private let broadcast: Broadcast<Message>
    private let inbox = Mutex<[Message]>([])

    // Loop only.
    private var members = PlacedList<any Member<Message>>(get: { $0.topicPlace }, set: { $0.topicPlace = $1 })
    private var pace = PaceState()
    private var pass: (batch: Batch<Message>, slices: Slices<any Member<Message>>)?

    /// Makes a topic without members. While it has members, it gets the messages that are published under its name.
    package init(_ name: String, on loop: EventLoop, of broadcast: Broadcast<Message>) {
        self.name = name
        self.loop = loop
        self.broadcast = broadcast
    }

    package var isEmpty: Bool { members.isEmpty }

    /// Adds a member. It gets the messages that are published after this call, and may get earlier ones.
    package func join(_ member: some Member<Message>) {
        precondition(loop.isCurrent, "a topic is joined on its loop")
        if isEmpty { broadcast.add(self) }
        members.insert(member)
        // Include the member in the current pass: it may have read its initial state before these
        // messages were published.
        pass?.slices.append(member)
    }

    /// Removes a member. It gets no messages afterwards. Does nothing when it has left already.
    package func leave(_ member: some Member<Message>) {
        guard members.remove(member), isEmpty else { return }
        broadcast.remove(self)
    }

    /// Stores messages for the next pass. It may be called from any thread and never blocks.
    /// - Returns: how many waiting messages were dropped to make room.
    func append(_ messages: [Message]) -> Int {
        let (isFirst, dropped) = inbox.withLock { inbox in
            let waiting = inbox.count
            let hasRoom = waiting + messages.count <= Self.capacity
            if waiting > 0, hasRoom { inbox += messages } else { inbox = messages }
            return (waiting == 0, hasRoom ? 0 : waiting)
        }
        if isFirst {
            loop.execute { [weak self] in
                guard let self else { return }
                perform(pace.messagesCame(now: loop.readClock()))
            }
        }
        return dropped
    }

    private func perform(_ step: PaceState.Step) {
        switch step {
        case .none: break
        case .serve: serve()
        case .serveNextTurn: loop.execute { [weak self] in self?.serve() }
        case .wait(let instant): loop.schedule(at: instant) { [weak self] in self?.serve() }
        }
    }

    /// Serves the next slice of the pass, or the first one of a new pass.
    private func serve() {
        loop.begins(broadcast.work)
        let start = loop.readClock()
        var (batch, slices) = pass ?? (Batch(takeAll()), Slices(members.elements))
        let slice = slices.next()
        // Store the pass before serving, because members may join and leave while this slice is served.
        pass = (batch, slices)
        for member in slice where members.contains(member) { member.deliver(batch) }
        let isLast = pass?.slices.isDone ?? true
        if isLast { pass = nil }
        let end = loop.readClock()
        perform(pace.sliceEnded(after: end.since(start), isLast: isLast, now: end))
    }

    private func takeAll() -> [Message] {
        inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
    }
}
