import EventLoops
import HarborFleetTesting
import Testing

@testable import Broadcast

@Suite(.timeLimit(.minutes(1))) struct BroadcastTests {
    /// Records what leaves for other servers.
    private final class RecordingAdapter: Adapter {
        let published = EventRecorder<String>()

        func publish(_ messages: [Int], to topic: String) {
            published.record("\(topic) \(messages)")
        }
    }

    /// Joins a member on `loop` that records `[index, message]` and leaves with message 99.
    private func join(
        _ broadcast: Broadcast<Int>, _ index: Int, on loop: EventLoop, _ seen: EventRecorder<[Int]>
    ) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                let topic = Topic("a", on: loop, of: broadcast)
                var leave: () -> Void = {}
                let member = TestMember { messages in
                    for message in messages { seen.record([index, message]) }
                    if messages.last == 99 { leave() }
                }
                leave = {
                    topic.leave(member)
                    seen.record([] as [Int])
                }
                topic.join(member)
                continuation.resume()
            }
        }
    }

    @Test func members_getEachMessageOnce_untilTheyLeave() async throws {
        let group = try EventLoopGroup(count: 2, label: "test.broadcast")
        group.start()
        let broadcast = Broadcast<Int>(work: TurnWork("test"))
        let seen = EventRecorder<[Int]>()
        for (index, loop) in group.loops.enumerated() { await join(broadcast, index, on: loop, seen) }
        #expect(broadcast.topicCount == 2)
        for message in 0..<100 { broadcast.publish([message], to: "a") }
        broadcast.publish([1_000], to: "b")
        await seen.wait(for: [], count: 2)
        #expect(broadcast.topicCount == 0)
        broadcast.publish([100], to: "a")
        await group.stop()
        for index in 0..<2 {
            #expect(seen.events.filter { $0.first == index }.map(\.last) == Array(0..<100))
        }
        #expect(broadcast.dropped == 0)
    }

    @Test func adapter_getsOnlyMessagesPublishedOnThisServer() async throws {
        let group = try EventLoopGroup(count: 1, label: "test.adapter")
        group.start()
        let adapter = RecordingAdapter()
        let broadcast = Broadcast<Int>(work: TurnWork("test"), adapter: adapter)
        let seen = EventRecorder<[Int]>()
        await join(broadcast, 0, on: group.loops[0], seen)
        broadcast.publish([1, 2], to: "a")
        broadcast.publish([], to: "a")
        broadcast.deliver([3, 99], to: "a")
        broadcast.publish([4], to: "b")
        await seen.wait(for: [])
        await group.stop()
        #expect(seen.events == [[0, 1], [0, 2], [0, 3], [0, 99], []])
        #expect(adapter.published.events == ["a [1, 2]", "b [4]"])
    }
}
