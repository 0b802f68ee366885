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

    /// With any number of slices.
    @Test(arguments: [1, 256, 257, 1_000])
    func members_getEachMessageOnceInOrder(count: Int) async throws {
        let deliveries = try await Stage.run(members: count) { stage in
            stage.onDelivery = { _ in
                // All of these are published while the first pass is under way.
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

    @Test func pass_letsTheLoopDoOtherWork_betweenSlices() async throws {
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

    @Test func member_getsThisBatchAndTheNext_whenItJoinsDuringAPass() async throws {
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

    @Test func member_getsNothingMore_whenItLeavesDuringAPass() async throws {
        let deliveries = try await Stage.run(members: 300) { stage in
            stage.onDelivery = { delivery in
                // The member itself and two that are not served yet leave. The order of members is not fixed.
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

    @Test func passes_pauseForTwiceTheTimeOfAllSlices() async throws {
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
                // One send of each slice is slow, and so is the loop's other work after it.
                guard stage.deliveries.count % 256 == 10 else { return }
                clock.jump(by: .milliseconds(20))
                stage.loop.execute { clock.jump(by: .milliseconds(20)) }
            }
            stage.publish(1)
        }
        // Three slow sends, the other work after the first two, twice the sends, and one tick.
        let rest = second.withLock { $0.since(start) }
        #expect(rest >= .milliseconds(60 + 40 + 120))
        #expect(rest <= .milliseconds(60 + 40 + 120 + 16))
    }

    @Test func topic_dropsAndCountsTheOldestMessages_whenItIsFull() async throws {
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
