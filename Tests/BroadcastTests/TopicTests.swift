import EventLoops
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
                // One of its own slice, one of the next, and itself.
                guard stage.deliveries.count == 1 else {
                    if stage.deliveries.count == 1 + 2 * 297 { stage.end() }
                    return
                }
                for member in [7, 290, 0] { stage.topic.leave(stage.members[member]) }
                stage.publish(2)
            }
            stage.publish(1)
        }
        let seen = byMember(deliveries)
        #expect(seen[0] == [[1]])
        #expect(seen[7] == nil && seen[290] == nil)
        #expect(seen.values.count { $0 == [[1], [2]] } == 297)
    }

    @Test func passes_restBetween_forTwiceTheTimeOfAllSlices() async throws {
        let instants = Mutex<[MonotonicInstant]>([])
        let spent = Mutex<Duration>(.zero)
        _ = try await Stage.run(members: 600) { stage in
            stage.onDelivery = { delivery in
                let now = MonotonicInstant.read()
                if delivery == Delivery(member: 0, messages: [2]) {
                    instants.withLock { $0.append(now) }
                    return stage.end()
                }
                if delivery.member == 0 { stage.publish(2) }
                if delivery.member == 599 { instants.withLock { $0.append(now) } }
                // One send of each slice is slow.
                guard delivery.member % 256 == 10 else { return }
                while MonotonicInstant.read().since(now) < .milliseconds(1) {}
                spent.withLock { $0 += MonotonicInstant.read().since(now) }
            }
            stage.publish(1)
        }
        let rest = instants.withLock { $0[1].since($0[0]) }
        #expect(rest >= spent.withLock { $0 } * 2)
        #expect(rest >= .milliseconds(6))
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
