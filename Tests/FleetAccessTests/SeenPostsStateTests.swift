import HarborFleetTesting
import Testing

@testable import FleetAccess
@testable import HarborFleet

@Suite struct SeenPostsStateTests {
    private func post(_ number: Int, to fleet: UInt8 = 1) -> SeenPost {
        // The bytes are spread like those of a hash.
        let high = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
        return SeenPost(post: bytes + [0, 0, 0, 7], fleet: [0, 0, 0, fleet])
    }

    @Test func post_belongsToTheFleetThatItCameForFirst() {
        var state = SeenPostsState(toleranceSeconds: 300)
        #expect(state.came(post(1), timestampSeconds: 1_000, nowSeconds: 1_000) == .new)
        #expect(state.came(post(1), timestampSeconds: 1_000, nowSeconds: 1_001) == .repeated)
        #expect(state.came(post(1, to: 2), timestampSeconds: 1_000, nowSeconds: 1_001) == .otherFleet)
        // The refusal does not make the POST one of the other fleet.
        #expect(state.came(post(1), timestampSeconds: 1_000, nowSeconds: 1_002) == .repeated)
        #expect(state.came(post(2, to: 2), timestampSeconds: 1_000, nowSeconds: 1_002) == .new)
        #expect(state.count == 2 && state.evicted == 0)
    }

    @Test func post_isKeptUntilItIsStale_alsoWhenItsClockIsAhead() {
        var state = SeenPostsState(toleranceSeconds: 300)
        for timestamp: Int64 in [700, 1_000, 1_300] {
            let verdict = state.came(
                post(Int(timestamp)), timestampSeconds: timestamp, nowSeconds: 1_000)
            #expect(verdict == .new)
        }
        #expect(state.came(post(1_000, to: 2), timestampSeconds: 1_000, nowSeconds: 1_300) == .otherFleet)
        #expect(state.count == 2)
        #expect(state.came(post(1_000, to: 2), timestampSeconds: 1_000, nowSeconds: 1_301) == .new)
        #expect(state.came(post(1_300, to: 2), timestampSeconds: 1_300, nowSeconds: 1_600) == .otherFleet)
        #expect(state.came(post(9), timestampSeconds: 9_000, nowSeconds: 9_000) == .new)
        #expect(state.count == 1)
    }

    @Test func postWithTheOldestTimestamp_isEvicted_whenThereAreTooMany() {
        var state = SeenPostsState(toleranceSeconds: 300, limit: 100)
        for number in 0..<150 {
            let verdict = state.came(
                post(number), timestampSeconds: 1_000 + Int64(number), nowSeconds: 1_100)
            #expect(verdict == .new)
        }
        #expect(state.count == 100 && state.evicted == 50)
        for number in 50..<150 {
            let verdict = state.came(
                post(number, to: 2), timestampSeconds: 1_000 + Int64(number), nowSeconds: 1_100)
            #expect(verdict == .otherFleet)
        }
        #expect(state.came(post(49, to: 2), timestampSeconds: 1_049, nowSeconds: 1_100) == .new)
    }

    /// A removal from a table with linear probing must not hide the other entries.
    @Test func evictedPosts_areForgottenAndNoOthers_withinOneSecond() {
        var random = SeededGenerator(seed: 13)
        for limit in [1, 2, 7, 8, 50, 1_000] {
            var state = SeenPostsState(toleranceSeconds: 300, limit: limit)
            let numbers = (0..<(3 * limit)).map { _ in Int.random(in: 0..<1_000_000_000, using: &random) }
            for number in numbers {
                #expect(state.came(post(number), timestampSeconds: 5, nowSeconds: 5) == .new)
                #expect(state.came(post(number), timestampSeconds: 5, nowSeconds: 5) == .repeated)
            }
            #expect(state.count == limit && state.evicted == 2 * limit)
            let there = Set(numbers).count { number in
                var copy = state
                return copy.came(post(number, to: 2), timestampSeconds: 5, nowSeconds: 5) == .otherFleet
            }
            #expect(there == limit)
        }
    }

    @Test func post_takesSixteenBytes_andTheLimitIsAMillion() {
        #expect(MemoryLayout<SeenPost>.stride == 16)
        #expect(SeenPostsState.maximumCount == 1_000_000)
    }
}
