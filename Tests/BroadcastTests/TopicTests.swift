import EventLoops
import HarborFleetTesting
import Synchronization
import Testing

@testable import Broadcast

@Suite(.timeLimit(.minutes(1))) struct TopicTests {
    /// What each member got, pass by pass.
    private func byMember(_ deliveries: [Delivery]) -> [Int: [[Int]]] {
        Dictionary(grouping: deliveries, by: \.member).mapValues { $0.map(\.messages) }
    }

    @Test(
        "Every member gets every message once, in order, whatever the number of slices",
        arguments: [1, 256, 257, 1_000])
    func members_getEachMessageOnce(count: Int) async throws {
        let deliveries = try await Stage.run(members: count) { stage in
            stage.onDelivery = { _ in
                // All of these come while the first pass is under way.
                if stage.deliveries.count <= 3 { stage.publish(stage.deliveries.count + 1) }
                if stage.deliveries.flatMap(\.messages).count == 4 * count { stage.end() }
            }
            stage.publish(1)
        }
        let seen = byMember(deliveries).mapValues { $0.flatMap(\.self) }
        #expect(seen.count == count)
        #expect(seen.values.allSatisfy { $0 == [1, 2, 3, 4] })
        // The second pass begins when the first has served the last member.
        #expect(deliveries.prefix(count).allSatisfy { $0.messages == [1] })
    }

    @Test func pass_letsTheLoopDoOtherWork_betweenItsSlices() async throws {
        let between = Mutex<[Int]>([])
        _ = try await Stage.run(members: 1_000) { stage in
            let bound = LoopBound(stage, on: stage.loop)
            stage.onDelivery = { _ in
                if stage.deliveries.count % 256 == 1 {
                    stage.loop.execute {
                        between.withLock { $0.append(bound.value.deliveries.count) }
                    }
                }
                if stage.deliveries.count == 1_000 { stage.loop.execute { bound.value.end() } }
            }
            stage.publish(1)
        }
        #expect(between.withLock { $0 } == [256, 512, 768, 1_000])
    }

    @Test func memberThatJoinsDuringAPass_getsThisBatchAndTheNext() async throws {
        let deliveries = try await Stage.run(members: 300) { stage in
            stage.onDelivery = { _ in
                if stage.deliveries.count == 1 {
                    stage.publish(2)
                    stage.join()
                }
                if stage.deliveries.count == 602 { stage.end() }
            }
            stage.publish(1)
        }
        #expect(byMember(deliveries)[300] == [[1], [2]])
        #expect(deliveries[300] == Delivery(member: 300, messages: [1]))
    }

    @Test func memberThatLeavesDuringAPass_getsNothingMore() async throws {
        let deliveries = try await Stage.run(members: 300) { stage in
            stage.onDelivery = { delivery in
                // Itself and two that are not served yet: members come in any order.
                guard stage.deliveries.count == 1 else {
                    if stage.deliveries.count == 1 + 2 * 297 { stage.end() }
                    return
                }
                for other in [0, 7, 290] {
                    stage.topic.leave(stage.members[(delivery.member + other) % 300])
                }
                stage.publish(2)
            }
            stage.publish(1)
        }
        let seen = byMember(deliveries)
        let first = try #require(deliveries.first).member
        #expect(seen[first] == [[1]])
        #expect(seen[(first + 7) % 300] == nil && seen[(first + 290) % 300] == nil)
        #expect(seen.values.count { $0 == [[1], [2]] } == 297)
    }

    @Test func passes_restBetween_forTwiceTheTimeOfAllSlices() async throws {
        let clock = try ManualTimePoller()
        let start = clock.readClock()
        let second = Mutex(start)
        _ = try await Stage.run(members: 600, clock: clock) { stage in
            stage.onDelivery = { delivery in
                guard delivery.messages == [1] else {
                    second.withLock { $0 = clock.readClock() }
                    return stage.end()
                }
                if stage.deliveries.count == 1 { stage.publish(2) }
                // One send of each slice is slow, and so is what the loop does after it.
                guard stage.deliveries.count % 256 == 10 else { return }
                clock.jump(by: .milliseconds(20))
                stage.loop.execute { clock.jump(by: .milliseconds(20)) }
            }
            stage.publish(1)
        }
        // Three sends, what the loop did after the first two, twice the sends, and a tick.
        let rest = second.withLock { $0.since(start) }
        #expect(rest >= .milliseconds(60 + 40 + 120))
        #expect(rest <= .milliseconds(60 + 40 + 120 + 16))
    }

    @Test func messagesBeyondTheCapacity_areDroppedAndCounted_withTheOldest() async throws {
        let dropped = Mutex<[Int]>([])
        let deliveries = try await Stage.run(members: 2) { stage in
            stage.onDelivery = { delivery in
                guard stage.deliveries.count == 1 else {
                    if stage.deliveries.count == 4 { stage.end() }
                    return
                }
                for message in 0..<16_384 { stage.publish(message) }
                dropped.withLock { $0.append(stage.broadcast.dropped) }
                stage.publish(-1, -2)
                stage.publish(-3)
                dropped.withLock { $0.append(stage.broadcast.dropped) }
            }
            stage.publish(0)
        }
        #expect(dropped.withLock { $0 } == [0, 16_384])
        #expect(byMember(deliveries) == [0: [[0], [-1, -2, -3]], 1: [[0], [-1, -2, -3]]])
    }
}
