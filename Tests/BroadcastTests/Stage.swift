import EventLoops
import HarborFleetTesting

@testable import Broadcast

/// What one member got in one pass.
struct Delivery: Equatable, Sendable {
    let member: Int
    let messages: [Int]
}

/// A member that calls a closure.
final class TestMember: Member {
    var topicPlace = Place.none
    private let received: ([Int]) -> Void

    init(_ received: @escaping ([Int]) -> Void) {
        self.received = received
    }

    func deliver(_ batch: Batch<Int>) {
        received(batch.messages)
    }
}

/// A topic on a loop of its own, with numbered members that record what they get. Only the loop touches it.
final class Stage {
    let loop: EventLoop
    let broadcast: Broadcast<Int>
    let topic: Topic<Int>
    private(set) var members: [TestMember] = []
    private(set) var deliveries: [Delivery] = []
    /// Called after each delivery.
    var onDelivery: (Delivery) -> Void = { _ in }
    private let ended: ([Delivery]) -> Void

    private init(on loop: EventLoop, ended: @escaping ([Delivery]) -> Void) {
        self.loop = loop
        self.ended = ended
        broadcast = Broadcast(work: TurnWork("test"))
        topic = Topic("a", on: loop, of: broadcast)
    }

    /// Runs `script` on the loop with `members` in the topic, and returns the deliveries up to the call of `end`.
    /// - Parameter clock: moves the loop's time by a second after the script.
    static func run(
        members: Int, clock: ManualTimePoller? = nil, _ script: @escaping @Sendable (Stage) -> Void
    ) async throws -> [Delivery] {
        let loop = try EventLoop(label: "test.broadcast", poller: clock)
        loop.start()
        let ended = EventRecorder<[Delivery]>()
        loop.execute {
            let stage = Stage(on: loop) { ended.record($0) }
            for _ in 0..<members { stage.join() }
            script(stage)
        }
        await clock?.advance(by: .seconds(1))
        await ended.wait { !$0.isEmpty }
        await loop.stop()
        return ended.events.first ?? []
    }

    func join() {
        let number = members.count
        let member = TestMember { [self] messages in
            deliveries.append(Delivery(member: number, messages: messages))
            onDelivery(Delivery(member: number, messages: messages))
        }
        members.append(member)
        topic.join(member)
    }

    func publish(_ messages: Int...) {
        broadcast.publish(messages, to: "a")
    }

    /// Lets all members leave, so that nothing more is delivered.
    func end() {
        for member in members { topic.leave(member) }
        members = []
        onDelivery = { _ in }
        ended(deliveries)
    }
}
