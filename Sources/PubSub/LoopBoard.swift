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

    private struct Pass {
        var isScheduled = false
        var notBefore: MonotonicInstant?
    }

    let loop: EventLoop
    private let minimumInterval: Duration
    private let shared = Mutex(Shared())
    private var subscribers: [String: [UInt64: ([Message]) -> Void]] = [:]
    private var passes: [String: Pass] = [:]
    private var nextID: UInt64 = 0

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
        passes[topic]?.isScheduled = false
        let messages = shared.withLock { $0.pending.removeValue(forKey: topic) } ?? []
        guard !messages.isEmpty, let current = subscribers[topic] else { return }
        let start = MonotonicInstant.read()
        // A subscriber that leaves during the pass gets nothing more.
        for (id, deliver) in current where subscribers[topic]?[id] != nil { deliver(messages) }
        guard subscribers[topic] != nil else { return }
        let end = MonotonicInstant.read()
        // A short pass needs no rest: a timer would round it up to a tick, and few subscribers would wait.
        let twice = end.since(start) * 2
        let rest = max(minimumInterval, twice < .microseconds(500) ? .zero : twice)
        passes[topic] = Pass(isScheduled: false, notBefore: end.advanced(by: rest))
    }
}
