import HarborFleetTesting
import Testing

@testable import FleetAccess
@testable import HarborFleet

@Suite struct TokenBucketStateTests {
    private let start = ContinuousClock.Instant.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func take_letsABurstPass_thenTheRate() {
        let limit = RateLimit(perSecond: 10)
        var bucket = TokenBucketState(now: start)
        for _ in 0..<10 { #expect(bucket.take(1, at: limit, now: start).wait == nil) }
        #expect(bucket.take(1, at: limit, now: start).wait == .milliseconds(100))
        #expect(bucket.take(3, at: limit, now: at(0.25)).wait == .milliseconds(50))
        // The refused take has taken nothing.
        #expect(bucket.take(2, at: limit, now: at(0.25)).wait == nil)
        #expect(bucket.take(1, at: limit, now: at(0.3)).wait == nil)
        #expect(bucket.take(1, at: limit, now: at(0.3)).wait == .milliseconds(100))
        #expect(bucket.take(10, at: limit, now: at(60)).wait == nil)
        #expect(bucket.take(1, at: limit, now: at(60)).wait == .milliseconds(100))
    }

    @Test func take_passesExactlyAfterTheWaitItNamed() throws {
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
                guard let wait = bucket.take(tokens, at: limit, now: now).wait else { continue }
                #expect(bucket == earlier && wait > .zero)
                #expect(earlier.take(tokens, at: limit, now: now.advanced(by: wait / 2)).wait != nil)
                now = now.advanced(by: wait)
                #expect(bucket.take(tokens, at: limit, now: now).wait == nil)
            }
        }
    }

    @Test func take_letsNoMoreThanTheBurstAndTheRatePass() {
        var generator = SeededGenerator(seed: 22)
        let limit = RateLimit(perSecond: 300, leastBurst: 1_000)
        var bucket = TokenBucketState(now: start)
        var passed = 0
        var now = start
        for _ in 0..<50_000 {
            now = now.advanced(by: .microseconds(Int.random(in: 0...2_000, using: &generator)))
            let tokens = Int.random(in: 1...20, using: &generator)
            if bucket.take(tokens, at: limit, now: now).wait == nil { passed += tokens }
        }
        let seconds = start.duration(to: now) / .seconds(1)
        #expect(Double(passed) <= 1_000 + 300 * seconds)
        #expect(Double(passed) >= 1_000 + 300 * seconds - 21)
    }

    @Test func take_letsMoreThanTheBurstPass_whenTheBucketIsFull() {
        let limit = RateLimit(perSecond: 5)
        var bucket = TokenBucketState(now: start)
        #expect(bucket.take(1_000, at: limit, now: start).wait == nil)
        #expect(bucket.take(1, at: limit, now: start).wait == .milliseconds(200))
        #expect(bucket.take(1_000, at: limit, now: at(0.75)).wait == .milliseconds(250))
        #expect(bucket.take(1_000, at: limit, now: at(1)).wait == nil)
    }

    @Test func postOfAnySize_passesAFullBucketOfFixes() throws {
        for perSecond in [1, 7, 999, 1_000, 1_001, PartnerLimits.highest] {
            let limit = try #require(PartnerLimits(fixesPerSecond: perSecond).fixes)
            #expect(limit.burst == max(perSecond, 1_000))
            var bucket = TokenBucketState(now: start)
            #expect(bucket.take(1_000, at: limit, now: start).wait == nil)
            #expect(bucket.isFull(now: start.advanced(by: limit.time(for: 1_000))))
        }
        #expect(PartnerLimits(requestsPerSecond: 3).requests?.burst == 3)
        #expect(PartnerLimits.none.fixes == nil && PartnerLimits.none.requests == nil)
        // A negative limit in the table does no harm.
        #expect(PartnerLimits(fixesPerSecond: -5).fixes?.perSecond == 1)
    }

    @Test func changedLimit_appliesAtOnce() {
        var bucket = TokenBucketState(now: start)
        let slow = RateLimit(perSecond: 1, leastBurst: 1_000)
        #expect(bucket.take(1_000, at: slow, now: start).wait == nil)
        #expect(bucket.take(100, at: slow, now: start).wait == .seconds(100))
        let fast = RateLimit(perSecond: 1_000)
        #expect(bucket.take(100, at: fast, now: start).wait == .milliseconds(100))
        #expect(bucket.take(100, at: fast, now: at(0.1)).wait == nil)
        #expect(bucket.take(1, at: slow, now: at(0.1)).wait == nil)
        #expect(bucket.take(1_000, at: slow, now: at(0.1)).wait != nil)
    }

    @Test func giveBack_undoesATake() throws {
        let limit = RateLimit(perSecond: 3)
        var bucket = TokenBucketState(now: start)
        let takes = [1, 2].map { bucket.take($0, at: limit, now: start).withdrawal }
        let (first, second) = (try #require(takes[0]), try #require(takes[1]))
        bucket.giveBack(second, now: start)
        #expect(bucket.take(3, at: limit, now: start).wait == limit.time(for: 1))
        bucket.giveBack(first, now: start)
        #expect(bucket.isFull(now: start))
        #expect(bucket.take(3, at: limit, now: start).wait == nil)
        #expect(bucket.take(1, at: limit, now: start).wait != nil)
    }

    /// A case at 10 tokens a second with a burst of 10: what is taken, what is given back and when (in seconds), and
    /// how many tokens are left then.
    private struct Refund {
        var takes: [(at: Double, tokens: Int)]
        /// Indexes of `takes`.
        var givesBack: [(at: Double, take: Int)]
        var left: Int
    }

    private static let refunds = [
        // None of it has flowed in yet, then half of it, then all of it.
        Refund(takes: [(0, 10)], givesBack: [(0, 0)], left: 10),
        Refund(takes: [(0, 10)], givesBack: [(0.5, 0)], left: 10),
        Refund(takes: [(0, 10)], givesBack: [(1, 0)], left: 10),
        // The bucket was full again, and later takes keep what they took.
        Refund(takes: [(0, 10), (1, 5)], givesBack: [(1, 0)], left: 5),
        Refund(takes: [(0, 10), (2, 10)], givesBack: [(2, 0)], left: 0),
        Refund(takes: [(0, 10), (5, 10)], givesBack: [(5.5, 0)], left: 5),
        // All but one has flowed in.
        Refund(takes: [(0, 10), (0.9, 5)], givesBack: [(0.9, 0)], left: 5),
        Refund(takes: [(0, 4), (0, 6)], givesBack: [(0.3, 0)], left: 4),
        Refund(takes: [(0, 4), (0, 6)], givesBack: [(0.3, 1)], left: 9),
        // An earlier take was given back, so the later one flows in earlier.
        Refund(takes: [(0, 5), (0, 5)], givesBack: [(0, 0), (0.4, 1)], left: 10),
        Refund(takes: [(0, 5), (0, 5), (0.5, 10)], givesBack: [(0, 0), (0.5, 1)], left: 0),
        Refund(takes: [(0, 5), (0, 5), (0.4, 9)], givesBack: [(0, 0), (0.4, 1)], left: 1),
        Refund(takes: [(0, 5), (0, 5)], givesBack: [(0, 1), (0.2, 0)], left: 10),
    ]

    @Test(arguments: refunds.indices)
    func giveBack_returnsNoMoreThanIsStillMissing(_ index: Int) throws {
        let limit = RateLimit(perSecond: 10)
        let refund = Self.refunds[index]
        var bucket = TokenBucketState(now: start)
        var withdrawals: [TokenBucketState.Withdrawal] = []
        var (takes, givesBack) = (refund.takes[...], refund.givesBack[...])
        var end = 0.0
        // The order is that of time. At one instant, takes that pass without the refund come first.
        while !takes.isEmpty || !givesBack.isEmpty {
            if let take = takes.first, take.at <= givesBack.first?.at ?? .infinity,
                let withdrawal = bucket.take(take.tokens, at: limit, now: at(take.at)).withdrawal
            {
                takes.removeFirst()
                withdrawals.append(withdrawal)
                end = take.at
            } else {
                let next = givesBack.popFirst()
                let back = try #require(next)
                bucket.giveBack(withdrawals[back.take], now: at(back.at))
                end = back.at
            }
        }
        // The microsecond covers the rounding of a rate that does not divide a second.
        let now = at(end).advanced(by: .microseconds(1))
        let takesLeft = bucket.take(refund.left, at: limit, now: now)
        #expect(takesLeft.wait == nil)
        if refund.left < 10 { #expect(bucket.take(1, at: limit, now: now).wait != nil) }
    }

    /// A second bucket never sees the takes that are given back.
    @Test func giveBack_letsNoMorePassThanWithoutTheTake() throws {
        var generator = SeededGenerator(seed: 23)
        let limit = RateLimit(perSecond: 100, leastBurst: 50)
        for _ in 0..<500 {
            var bucket = TokenBucketState(now: start)
            var without = bucket
            var now = start
            var open: [TokenBucketState.Withdrawal] = []
            for _ in 0..<40 {
                now = now.advanced(by: .milliseconds(Int.random(in: 0...300, using: &generator)))
                let tokens = Int.random(in: 1...60, using: &generator)
                if Bool.random(using: &generator) {
                    guard let withdrawal = bucket.take(tokens, at: limit, now: now).withdrawal else {
                        continue
                    }
                    open.append(withdrawal)
                } else if let index = open.indices.randomElement(using: &generator) {
                    bucket.giveBack(open.remove(at: index), now: now)
                } else if bucket.take(tokens, at: limit, now: now).withdrawal != nil {
                    #expect(without.take(tokens, at: limit, now: now).withdrawal != nil)
                }
            }
        }
    }
}

extension TokenBucketState.Outcome {
    fileprivate var withdrawal: TokenBucketState.Withdrawal? {
        if case .taken(let withdrawal) = self { withdrawal } else { nil }
    }

    /// nil when the tokens were taken.
    fileprivate var wait: Duration? {
        if case .tooFew(let wait) = self { wait } else { nil }
    }
}
