import Glibc
import HarborFleetTesting
import Testing

@testable import EventLoops

struct TurnMeterTests {
    private func at(_ microseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000 + microseconds * 1_000)
    }

    /// The monotonic clock measures a short turn.
    @Test func shortTurn_readsTheCPUClockAtMostOnceAMillisecond() {
        var meter = TurnMeter(now: at(0))
        var reads = 0
        for turn in 0..<100 as Range<UInt64> {
            meter.began(now: at(turn * 100)) {
                reads += 1
                return 0
            }
            let taken = meter.ended(now: at(turn * 100 + 60)) {
                reads += 1
                return 0
            }
            #expect(taken == TurnMeter.Turn(cpu: 60_000, elapsed: 60_000))
        }
        #expect(reads == 10)
    }

    /// A turn that only waited used little CPU time.
    @Test func longTurn_isMeasuredByTheCPUClock() {
        var meter = TurnMeter(now: at(0))
        meter.began(now: at(0)) { 5_000 }
        #expect(
            meter.ended(now: at(80_000)) { 3_005_000 } == TurnMeter.Turn(cpu: 3_000_000, elapsed: 80_000_000))
        // The CPU clock was read at that end and is not read again.
        meter.began(now: at(80_100)) { 1 }
        #expect(
            meter.ended(now: at(90_100)) { 13_005_000 }
                == TurnMeter.Turn(cpu: 10_000_000, elapsed: 10_000_000))
    }

    /// CPU time of the turns before does not count.
    @Test func cpuTime_isAtMostTheLengthOfTheTurn() {
        var meter = TurnMeter(now: at(0))
        meter.began(now: at(0)) { 0 }
        _ = meter.ended(now: at(900)) { 0 }
        meter.began(now: at(900)) { 0 }
        #expect(
            meter.ended(now: at(2_000)) { 2_000_000 } == TurnMeter.Turn(cpu: 1_100_000, elapsed: 1_100_000))
    }
}

@Suite(.timeLimit(.minutes(1))) struct LongTurnTests {
    /// Spends CPU time of the calling thread.
    private static func spend(milliseconds: UInt64) {
        let end = CPUClock.nanoseconds() + milliseconds * 1_000_000
        while CPUClock.nanoseconds() < end {}
    }

    /// A turn that computes for long is counted and reported with the last work that it began.
    @Test func longTurn_isReportedWithItsWork() async throws {
        let turns = EventRecorder<LongTurn>()
        let loop = try EventLoop(label: "test.turns", longTurn: { turns.record($0) })
        loop.start()
        let work = TurnWork("/fleets/{fleet_id}")
        loop.execute {
            loop.begins(TurnWork("/health"))
            loop.begins(work)
            Self.spend(milliseconds: 60)
        }
        await turns.wait { $0.count == 1 }
        loop.execute { Self.spend(milliseconds: 60) }
        await turns.wait { $0.count == 2 }
        await loop.stop()
        let told = turns.events
        #expect(told.map(\.work) == ["/fleets/{fleet_id}", nil])
        #expect(told.allSatisfy { $0.loop == "test.turns" && $0.cpuNanoseconds > 50_000_000 })
        #expect(told.allSatisfy { $0.elapsedNanoseconds >= $0.cpuNanoseconds })
        let counts = loop.turnTimes.buckets
        #expect(counts.count == TurnTimes.bounds.count + 1)
        #expect(counts[9...].reduce(0, +) == 2)
        #expect(loop.turnTimes.nanoseconds >= 120_000_000)
    }

    /// It waits for a processor or a lock.
    @Test func longTurn_isNotReported_whenItOnlyWaited() async throws {
        let turns = EventRecorder<LongTurn>()
        let loop = try EventLoop(label: "test.turns", longTurn: { turns.record($0) })
        loop.start()
        loop.execute { usleep(70_000) }
        await loop.stop()
        #expect(turns.events.isEmpty)
    }
}
