package import EventLoops
internal import Synchronization

/// One that gets the messages of a topic. A connection that follows several topics has a member for each. Touched on
/// its loop only.
package protocol Member<Message>: AnyObject {
    associatedtype Message: Sendable

    /// Where it is among the topic's members, which set it; `Place.none` at first.
    var topicPlace: Int32 { get set }

    /// Takes the messages of one pass. They are in order, and follow those of the pass before. What was published before
    /// the member joined may be among them.
    func deliver(_ batch: Batch<Message>)
}

/// The members of a topic on one loop, and the messages that wait for them.
///
/// What is published while members are being served gathers, and follows in the next pass. So all members get
/// everything in order, and a turn of the loop serves a bounded number of members. When a slice is served is for
/// `PaceState` to say.
///
/// `@unchecked Sendable`: what is below "loop only" is touched on `loop` alone; `inbox` is a Mutex.
package final class Topic<Message: Sendable>: @unchecked Sendable {
    /// Messages that wait for a pass. A loop that is further behind loses those that wait, so a member that counts its
    /// messages sees a gap and starts afresh.
    static var capacity: Int { 16_384 }

    package let name: String
    package let loop: EventLoop
    private let broadcast: Broadcast<Message>
    private let inbox = Mutex<[Message]>([])

    // Loop only.
    private var members = PlacedList<any Member<Message>>(get: { $0.topicPlace }, set: { $0.topicPlace = $1 })
    private var pace = PaceState()
    private var pass: (batch: Batch<Message>, slices: Slices<any Member<Message>>)?

    /// A topic without members. It gets the messages that are published under its name while it has some.
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
        // The member may have read its start before these very messages were published.
        pass?.slices.append(member)
    }

    /// Removes a member: nothing is delivered to it afterwards. Harmless when it has left.
    package func leave(_ member: some Member<Message>) {
        guard members.remove(member), isEmpty else { return }
        broadcast.remove(self)
    }

    /// Keeps messages for the next pass. Callable from any thread; never blocks.
    /// - Returns: how many messages were dropped for them.
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
        // Members join and leave while these are served.
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
