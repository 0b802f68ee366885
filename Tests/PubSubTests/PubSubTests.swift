import EventLoops
import Synchronization
import Testing

@testable import PubSub

struct PubSubTests {
    @Test("Subscribers on every loop get each message once, in order, until they cancel")
    func subscribers_getEachMessageOnce() async throws {
        let group = try EventLoopGroup(count: 2, label: "test.pubsub")
        group.start()
        let pubSub = PubSub<Int>(group: group)
        let seen = Mutex<[Int: [Int]]>([:])
        for (index, loop) in group.loops.enumerated() {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                loop.execute {
                    let holder = Holder()
                    holder.subscription = pubSub.subscribe(to: "fleet:a", on: loop) { messages in
                        seen.withLock { $0[index, default: []] += messages }
                        if messages.contains(99) { holder.subscription?.cancel() }
                    }
                    continuation.resume()
                }
            }
        }
        #expect(pubSub.subscriptionCount == 2)
        for message in 0..<100 { pubSub.publish([message], to: "fleet:a") }
        pubSub.publish([1_000], to: "fleet:b")
        while pubSub.subscriptionCount > 0 { await Task.yield() }
        pubSub.publish([100], to: "fleet:a")
        await group.stop()
        #expect(seen.withLock { $0 } == [0: Array(0..<100), 1: Array(0..<100)])
    }

    private final class Holder { var subscription: Subscription<Int>? }
}
