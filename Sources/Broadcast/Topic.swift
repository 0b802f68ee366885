package import EventLoops
internal import Synchronization

/// The members of a topic on one loop, and the messages that wait for them.
///
/// What is published while members are being served gathers, and follows in the next pass. So all members get
/// everything in order, and a pass serves a bounded number of members in a turn of the loop. When the next pass begins
/// is for `PaceState` to say.
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
    private var members = SlotList<any Member<Message>>()
    private var pace: PaceState
    private var pass: SlicedWork<any Member<Message>>?

    /// A topic without members. It gets the messages that are published under its name while it has some.
    package init(_ name: String, on loop: EventLoop, of broadcast: Broadcast<Message>) {
        self.name = name
        self.loop = loop
        self.broadcast = broadcast
        pace = PaceState(minimumInterval: broadcast.minimumInterval)
    }

    package var isEmpty: Bool { members.isEmpty }

    /// Adds a member, which joins once. It gets the messages that are published after this call, and may get earlier
    /// ones.
    package func join(_ member: some Member<Message>) {
        precondition(loop.isCurrent, "a topic is joined on its loop")
        if isEmpty { broadcast.add(self) }
        member.slot = members.append(member)
        // The member may have read its start before these very messages were published.
        pass?.append(member)
    }

    /// Removes a member: nothing is delivered to it afterwards. Harmless when it has left.
    package func leave(_ member: some Member<Message>) {
        guard member.slot.isTaken else { return }
        members.remove(at: member.slot)?.slot = member.slot
        member.slot = .none
        if isEmpty { broadcast.remove(self) }
    }

    /// Calls `body` for each member, a slice of them in each turn of the loop.
    package func forEach(_ body: @escaping (any Member<Message>) -> Void) {
        sliced(body).start()
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
                perform(pace.messagesCame(now: .read()))
            }
        }
        return dropped
    }

    private func perform(_ step: PaceState.Step) {
        switch step {
        case .none: break
        case .begin: begin()
        case .wait(let instant): loop.schedule(at: instant) { [weak self] in self?.begin() }
        }
    }

    private func begin() {
        let messages = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        let batch = Batch(messages)
        pace.passBegan()
        pass = sliced { member in
            member.deliver(batch)
        } ended: { [weak self] spent in
            self?.passEnded(after: spent)
        }
        pass?.start()
    }

    private func passEnded(after spent: Duration) {
        pass = nil
        let step = pace.passEnded(after: spent, now: .read())
        guard step == .begin else { return perform(step) }
        // In a turn of its own: a publisher that is as fast as the passes must not keep the loop.
        loop.execute { [weak self] in self?.begin() }
    }

    /// Work on the members as of now, without those that have left by their turn.
    private func sliced(
        _ body: @escaping (any Member<Message>) -> Void, ended: @escaping (Duration) -> Void = { _ in }
    ) -> SlicedWork<any Member<Message>> {
        SlicedWork(members.elements, size: broadcast.sliceSize, on: loop, as: broadcast.work) { member in
            if member.slot.isTaken { body(member) }
        } ended: { spent in
            ended(spent)
        }
    }
}
