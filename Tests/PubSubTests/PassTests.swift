import EventLoops
import Synchronization
import Testing

@testable import PubSub

struct PassTests {
    /// What the subscribers of a topic saw, in the order in which they saw it. Touched on the loop only.
    private final class Audience {
        var subscriptions: [Subscription<Int>] = []
        var deliveries: [(subscriber: Int, messages: [Int])] = []
    }

    @Test(
        "A pass over many subscribers lets the loop do other work in between, and loses and repeats nothing")
    func longPass_isCutIntoSlices() async throws {
        let loops = try EventLoopGroup(count: 1, label: "test.pubsub.pass")
        loops.start()
        let loop = loops.loops[0]
        let pubSub = PubSub<Int>(group: loops)
        let count = 1_000
        let between = Mutex<[Int]>([])
        let deliveries: [(subscriber: Int, messages: [Int])] = await withCheckedContinuation { continuation in
            loop.execute {
                let audience = Audience()
                let bound = LoopBound(audience, on: loop)
                for subscriber in 0..<count {
                    let subscription = pubSub.subscribe(to: "fleet:a", on: loop) { messages in
                        if audience.deliveries.isEmpty {
                            // Both come while the first pass is under way.
                            pubSub.publish([2], to: "fleet:a")
                            audience.subscriptions[(subscriber + 1) % count].cancel()
                        }
                        audience.deliveries.append((subscriber, messages))
                        let seen = audience.deliveries.count
                        // Other work of the loop: it runs before the pass is over.
                        if seen == 1 {
                            loop.execute { between.withLock { $0.append(bound.value.deliveries.count) } }
                        }
                        if seen == 2 * (count - 1) {
                            // Their closures refer to the topics that refer to them.
                            audience.subscriptions.forEach { $0.cancel() }
                            continuation.resume(returning: audience.deliveries)
                        }
                    }
                    if let subscription { audience.subscriptions.append(subscription) }
                }
                pubSub.publish([1], to: "fleet:a")
            }
        }
        await loops.stop()
        #expect(between.withLock { $0 } == [256])
        let bySubscriber = Dictionary(grouping: deliveries, by: \.subscriber).mapValues { $0.map(\.messages) }
        #expect(bySubscriber.count == count - 1)
        #expect(bySubscriber.values.allSatisfy { $0 == [[1], [2]] })
        #expect(deliveries.prefix(count - 1).allSatisfy { $0.messages == [1] })
    }
}
