internal import EventLoops
internal import Synchronization

/// The topics of one loop.
///
/// `@unchecked Sendable`: `subscribers` and `passes` are touched on `loop` only; `shared` is a Mutex.
final class LoopBoard<Message: Sendable>: @unchecked Sendable {
    private struct Shared {
        /// How many subscribers each topic has on this loop.
        var counts: [String: Int] = [:]
        var pending: [String: [Message]] = [:]
        var dropped = 0
    }

    /// Messages of one topic that wait for this loop. A loop that is so far behind loses the waiting ones, so a
    /// subscriber that counts its messages sees a gap and starts afresh.
    static var capacity: Int { 16_384 }

    /// Subscribers that get their messages in one turn of the loop: some hundred microseconds of sending.
    static var sliceSize: Int { 256 }

    private struct Pass {
        /// Whether a pass is to come, or under way, that will look at what is pending.
        var isScheduled = false
        /// The number of the pass that is under way: there is one at a time, so that messages keep their order.
        var underWay: UInt64?
        var notBefore: MonotonicInstant?
    }

    /// A pass that is under way: whoever subscribes meanwhile gets what is published meanwhile, in the next one.
    private struct Delivery {
        let number: UInt64
        let topic: String
        let messages: [Message]
        var left: Dictionary<UInt64, ([Message]) -> Void>.Iterator
        var spent: Duration = .zero
    }

    let loop: EventLoop
    private let minimumInterval: Duration
    private let shared = Mutex(Shared())
    private var subscribers: [String: [UInt64: ([Message]) -> Void]] = [:]
    private var passes: [String: Pass] = [:]
    private var nextID: UInt64 = 0
    private var nextPass: UInt64 = 0

    init(loop: EventLoop, minimumInterval: Duration) {
        self.loop = loop
        self.minimumInterval = minimumInterval
    }

    var count: Int {
        shared.withLock { $0.counts.values.reduce(0, +) }
    }

    var dropped: Int {
        shared.withLock { $0.dropped }
    }

    func publish(_ messages: [Message], to topic: String) {
        let isFirst = shared.withLock { shared in
            guard shared.counts[topic] != nil else { return false }
            let waiting = shared.pending[topic]?.count ?? 0
            guard waiting + messages.count <= Self.capacity || waiting == 0 else {
                shared.dropped += waiting
                shared.pending[topic] = messages
                return false
            }
            shared.pending[topic, default: []] += messages
            return waiting == 0
        }
        guard isFirst else { return }
        loop.execute { [weak self] in self?.schedulePass(of: topic) }
    }

    func subscribe(to topic: String, deliver: @escaping ([Message]) -> Void) -> Subscription<Message> {
        precondition(loop.isCurrent, "a subscription is made on its loop")
        nextID &+= 1
        subscribers[topic, default: [:]][nextID] = deliver
        shared.withLock { $0.counts[topic, default: 0] += 1 }
        return Subscription(id: nextID, topic: topic, board: self)
    }

    func cancel(_ subscription: Subscription<Message>) {
        let topic = subscription.topic
        guard subscribers[topic]?.removeValue(forKey: subscription.id) != nil else { return }
        let isLast = subscribers[topic]?.isEmpty ?? true
        if isLast {
            subscribers[topic] = nil
            passes[topic] = nil
        }
        shared.withLock { shared in
            shared.counts[topic] = isLast ? nil : (shared.counts[topic] ?? 1) - 1
            if isLast { shared.pending[topic] = nil }
        }
    }

    private func schedulePass(of topic: String) {
        guard subscribers[topic] != nil, passes[topic]?.isScheduled != true else { return }
        let now = MonotonicInstant.read()
        guard let notBefore = passes[topic]?.notBefore, notBefore > now else { return deliver(topic) }
        passes[topic]?.isScheduled = true
        loop.schedule(after: notBefore.since(now)) { [weak self] in self?.deliver(topic) }
    }

    private func deliver(_ topic: String) {
        // The timer of a topic that was left by all and found anew may meet its next pass.
        guard passes[topic]?.underWay == nil else { return }
        let messages = shared.withLock { $0.pending.removeValue(forKey: topic) } ?? []
        guard !messages.isEmpty, let current = subscribers[topic] else {
            passes[topic]?.isScheduled = false
            return
        }
        // What is published from now on waits for the next pass, or a subscriber could get it before this.
        nextPass &+= 1
        passes[topic] = Pass(isScheduled: true, underWay: nextPass)
        goOn(
            Delivery(number: nextPass, topic: topic, messages: messages, left: current.makeIterator()))
    }

    /// Delivers one slice of a pass, and leaves the rest to the next turn.
    private func goOn(_ delivery: Delivery) {
        var delivery = delivery
        let start = MonotonicInstant.read()
        var room = Self.sliceSize
        while room > 0, let (id, deliver) = delivery.left.next() {
            // A subscriber that leaves during the pass gets nothing more.
            guard subscribers[delivery.topic]?[id] != nil else { continue }
            deliver(delivery.messages)
            room -= 1
        }
        let end = MonotonicInstant.read()
        delivery.spent += end.since(start)
        guard room == 0 else { return ended(delivery, at: end) }
        let rest = LoopBound(delivery, on: loop)
        loop.execute { [weak self] in self?.goOn(rest.value) }
    }

    private func ended(_ delivery: Delivery, at end: MonotonicInstant) {
        let topic = delivery.topic
        // Left by all meanwhile, and perhaps found anew.
        guard passes[topic]?.underWay == delivery.number else { return }
        // A short pass needs no rest: a timer would round it up to a tick, and few subscribers would wait.
        let twice = delivery.spent * 2
        let rest = max(minimumInterval, twice < .microseconds(500) ? .zero : twice)
        passes[topic] = Pass(isScheduled: false, notBefore: end.advanced(by: rest))
        if shared.withLock({ $0.pending[topic] != nil }) { schedulePass(of: topic) }
    }
}
