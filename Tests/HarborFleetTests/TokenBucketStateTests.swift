import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct TokenBucketStateTests {
    private let start = ContinuousClock.Instant.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func take_letsABurstPass_thenTheRate() {
        let limit = RateLimit(perSecond: 10)
        var bucket = TokenBucketState(now: start)
        for _ in 0..<10 { #expect(bucket.take(1, at: limit, now: start) == nil) }
        #expect(bucket.take(1, at: limit, now: start) == .milliseconds(100))
        #expect(bucket.take(3, at: limit, now: at(0.25)) == .milliseconds(50))
        // Who was refused has taken nothing.
        #expect(bucket.take(2, at: limit, now: at(0.25)) == nil)
        #expect(bucket.take(1, at: limit, now: at(0.3)) == nil)
        #expect(bucket.take(1, at: limit, now: at(0.3)) == .milliseconds(100))
        #expect(bucket.take(10, at: limit, now: at(60)) == nil)
        #expect(bucket.take(1, at: limit, now: at(60)) == .milliseconds(100))
    }

    @Test func take_passes_exactlyWhenItSaid() throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<2_000 {
            let limit = RateLimit(
                perSecond: .random(in: 1...5_000, using: &generator),
                leastBurst: .random(in: 1...1_000, using: &generator))
            var bucket = TokenBucketState(now: start)
            var now = start
            for _ in 0..<20 {
                let tokens = Int.random(in: 0...(limit.burst * 2), using: &generator)
                var earlier = bucket
                guard let wait = bucket.take(tokens, at: limit, now: now) else { continue }
                #expect(bucket == earlier && wait > .zero)
                #expect(earlier.take(tokens, at: limit, now: now.advanced(by: wait / 2)) != nil)
                now = now.advanced(by: wait)
                #expect(bucket.take(tokens, at: limit, now: now) == nil)
            }
        }
    }

    @Test func take_letsNoMorePass_thanTheBurstAndTheRate() {
        var generator = SeededGenerator(seed: 22)
        let limit = RateLimit(perSecond: 300, leastBurst: 1_000)
        var bucket = TokenBucketState(now: start)
        var passed = 0
        var now = start
        for _ in 0..<50_000 {
            now = now.advanced(by: .microseconds(Int.random(in: 0...2_000, using: &generator)))
            let tokens = Int.random(in: 1...20, using: &generator)
            if bucket.take(tokens, at: limit, now: now) == nil { passed += tokens }
        }
        let seconds = start.duration(to: now) / .seconds(1)
        #expect(Double(passed) <= 1_000 + 300 * seconds)
        #expect(Double(passed) >= 1_000 + 300 * seconds - 21)
    }

    @Test func take_letsMoreThanAFullBucketPass_whenItIsFull() {
        let limit = RateLimit(perSecond: 5)
        var bucket = TokenBucketState(now: start)
        #expect(bucket.take(1_000, at: limit, now: start) == nil)
        #expect(bucket.take(1, at: limit, now: start) == .milliseconds(200))
        #expect(bucket.take(1_000, at: limit, now: at(0.75)) == .milliseconds(250))
        #expect(bucket.take(1_000, at: limit, now: at(1)) == nil)
    }

    @Test func aPostOfAnySize_passesAFullBucket_ofFixes() throws {
        for perSecond in [1, 7, 999, 1_000, 1_001, PartnerLimits.highest] {
            let limit = try #require(PartnerLimits(fixesPerSecond: perSecond).fixes)
            #expect(limit.burst == max(perSecond, 1_000))
            var bucket = TokenBucketState(now: start)
            #expect(bucket.take(1_000, at: limit, now: start) == nil)
            #expect(bucket.isFull(now: start.advanced(by: limit.time(for: 1_000))))
        }
        #expect(PartnerLimits(requestsPerSecond: 3).requests?.burst == 3)
        #expect(PartnerLimits.none.fixes == nil && PartnerLimits.none.requests == nil)
        // What somebody wrote into the table by hand does no harm.
        #expect(PartnerLimits(fixesPerSecond: -5).fixes?.perSecond == 1)
    }

    @Test func aLimitThatIsRaised_helpsAtOnce_andALowerOneHoldsAtOnce() {
        var bucket = TokenBucketState(now: start)
        let slow = RateLimit(perSecond: 1, leastBurst: 1_000)
        #expect(bucket.take(1_000, at: slow, now: start) == nil)
        #expect(bucket.take(100, at: slow, now: start) == .seconds(100))
        let fast = RateLimit(perSecond: 1_000)
        #expect(bucket.take(100, at: fast, now: start) == .milliseconds(100))
        #expect(bucket.take(100, at: fast, now: at(0.1)) == nil)
        #expect(bucket.take(1, at: slow, now: at(0.1)) == nil)
        #expect(bucket.take(1_000, at: slow, now: at(0.1)) != nil)
    }

    @Test func giveBack_undoesATake() {
        let limit = RateLimit(perSecond: 3)
        var bucket = TokenBucketState(now: start)
        #expect(bucket.take(1, at: limit, now: start) == nil)
        let before = bucket
        #expect(bucket.take(2, at: limit, now: start) == nil)
        bucket.giveBack(2, at: limit)
        #expect(bucket == before)
        bucket.giveBack(1, at: limit)
        #expect(bucket.isFull(now: start))
        // However much is given back, no bucket holds more than its burst.
        bucket.giveBack(3, at: limit)
        #expect(bucket.take(3, at: limit, now: start) == nil)
        #expect(bucket.take(1, at: limit, now: start) != nil)
    }
}
