import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct FixOrderTests {
    /// Two fixes as (recorded, received) in seconds, and whether the second is newer.
    struct Pair: Sendable {
        var first: (Double, Double)
        var second: (Double, Double)
        var isNewer: Bool
    }

    @Test(arguments: [
        Pair(first: (0, 0), second: (1, 1), isNewer: true),
        Pair(first: (1, 1), second: (0, 2), isNewer: false),
        Pair(first: (1, 1), second: (1, 1), isNewer: false),
        // 30 s are a right clock's, a millisecond more is ahead and counts as 30 s.
        Pair(first: (30, 0), second: (29.999, 29.999), isNewer: false),
        Pair(first: (30, 0), second: (30.001, 30.001), isNewer: true),
        Pair(first: (30.001, 0), second: (30, 30), isNewer: false),
        Pair(first: (540, 0), second: (30, 30), isNewer: false),
        Pair(first: (540, 0), second: (30.001, 30.001), isNewer: true),
        // Of one POST: the later record. Of two: the one received later.
        Pair(first: (540, 0), second: (541, 0), isNewer: true),
        Pair(first: (541, 0), second: (540, 0), isNewer: false),
        Pair(first: (541, 0), second: (540, 1), isNewer: true),
        // A tie of what both count as is decided by what was recorded.
        Pair(first: (30, 0), second: (540, 0), isNewer: true),
        Pair(first: (540, 0), second: (30, 0), isNewer: false),
    ])
    func theNewerFix_isThatWithTheGreaterOrder(pair: Pair) throws {
        let first = try Samples.fix(at: pair.first.0, received: pair.first.1)
        let second = try Samples.fix(at: pair.second.0, received: pair.second.1)
        #expect(second.isNewer(than: first) == pair.isNewer)
    }

    @Test func aFixIsAhead_beyondThirtySeconds() throws {
        #expect(try Samples.fix(at: 30, received: 0).isAhead == false)
        #expect(try Samples.fix(at: 30.001, received: 0).isAhead)
        #expect(try Samples.fix(at: -86_400, received: 0).isAhead == false)
    }

    @Test func timesAtTheEndsOfTheRange_trapNowhere() {
        let last = Timestamp(milliseconds: .max)
        let first = Timestamp(milliseconds: .min)
        let late = FixOrder(recordedAt: last, receivedAt: last)
        #expect(FixOrder(recordedAt: first, receivedAt: last) < late)
        #expect(FixOrder(recordedAt: last, receivedAt: first) < late)
    }
}
