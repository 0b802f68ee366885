import HarborFleetTesting
import Testing

@testable import EventLoops

struct TimerWheelTests {
    private func fire(_ wheel: inout TimerWheel, to tick: UInt64) {
        for timer in wheel.advance(to: tick) { timer.fire() }
    }

    @Test(arguments: [1, 2, 255, 256, 257, 511, 16_383, 16_384, 16_385, 1_048_575, 1_100_000, 3_000_000])
    func timer_firesAtItsTick(tick: UInt64) {
        for start: UInt64 in [0, 1, 100, 255, 256, 16_383, 70_000] {
            var wheel = TimerWheel(current: start)
            var fired = false
            wheel.insert(ScheduledTimer(tick: start + tick, loop: nil) { fired = true })
            while let next = wheel.earliest, next < start + tick {
                fire(&wheel, to: next)
                #expect(!fired)
            }
            fire(&wheel, to: start + tick - 1)
            #expect(!fired)
            fire(&wheel, to: start + tick)
            #expect(fired)
            #expect(wheel.count == 0)
        }
    }

    /// No timer is lost, with steps of any length.
    @Test func randomTimers_fireOnceInOrder() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let start = UInt64.random(in: 0..<1_000_000, using: &random)
            var wheel = TimerWheel(current: start)
            var fired: [UInt64] = []
            var timers: [ScheduledTimer] = []
            for _ in 0..<200 {
                let tick = start + UInt64.random(in: 1..<40_000, using: &random)
                let timer = ScheduledTimer(tick: tick, loop: nil) { fired.append(tick) }
                timers.append(timer)
                wheel.insert(timer)
            }
            var expected = timers.map(\.tick)
            for index in stride(from: 0, to: 200, by: 3) {
                wheel.cancel(timers[index])
                timers[index].cancel()
            }
            expected = timers.indices.filter { $0 % 3 != 0 }.map { timers[$0].tick }.sorted()
            var now = start
            while wheel.count > 0 {
                now += UInt64.random(in: 1..<3_000, using: &random)
                fire(&wheel, to: now)
                #expect(fired.allSatisfy { $0 <= now })
            }
            #expect(fired == expected)
        }
    }

    /// Whether their timers fire or are cancelled.
    @Test(arguments: [true, false])
    func bursts_leaveNoRoomBehind(areCancelled: Bool) {
        var wheel = TimerWheel(current: 0)
        let start = wheel.room
        for burst in UInt64(0)..<200 {
            let timers = (0..<1_000).map { _ in
                ScheduledTimer(tick: burst * 37 + 500, loop: nil) {}
            }
            for timer in timers { wheel.insert(timer) }
            if areCancelled { for timer in timers { wheel.cancel(timer) } }
            fire(&wheel, to: burst * 37)
        }
        fire(&wheel, to: 100_000)
        #expect(wheel.count == 0)
        #expect(start == 0)
        // Every slot of the three rings keeps at most `keptRoom`.
        #expect(wheel.room <= 384 * TimerWheel.keptRoom)
    }

    @Test func cancelledTimer_leavesTheOthersInItsSlot() {
        var wheel = TimerWheel(current: 0)
        var fired: [Int] = []
        let timers = (0..<3).map { index in ScheduledTimer(tick: 10, loop: nil) { fired.append(index) } }
        for timer in timers { wheel.insert(timer) }
        wheel.cancel(timers[0])
        wheel.cancel(timers[0])
        fire(&wheel, to: 10)
        #expect(fired.sorted() == [1, 2])
        wheel.cancel(timers[1])
        #expect(wheel.count == 0)
    }
}
