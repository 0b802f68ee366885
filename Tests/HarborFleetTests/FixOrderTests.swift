import HarborFleetTesting
import Testing

@testable import HarborFleet

@Suite struct FixOrderTests {
    /// Two fixes as (recorded, received) in seconds, and whether the second one is newer.
    struct Pair: Sendable {
        var first: (Double, Double)
        var second: (Double, Double)
        var isNewer: Bool
    }

    @Test(arguments: [
        Pair(first: (0, 0), second: (1, 1), isNewer: true),
        Pair(first: (1, 1), second: (0, 2), isNewer: false),
        Pair(first: (1, 1), second: (1, 1), isNewer: false),
        // A clock that is 30 s ahead counts as right. A millisecond more is ahead and counts as 30 s.
        Pair(first: (30, 0), second: (29.999, 29.999), isNewer: false),
        Pair(first: (30, 0), second: (30.001, 30.001), isNewer: true),
        Pair(first: (30.001, 0), second: (30, 30), isNewer: false),
        Pair(first: (540, 0), second: (30, 30), isNewer: false),
        Pair(first: (540, 0), second: (30.001, 30.001), isNewer: true),
        // Within one POST the later record is newer. Of two POSTs it is the one received later.
        Pair(first: (540, 0), second: (541, 0), isNewer: true),
        Pair(first: (541, 0), second: (540, 0), isNewer: false),
        Pair(first: (541, 0), second: (540, 1), isNewer: true),
        // When both count as the same time, the recorded time decides.
        Pair(first: (30, 0), second: (540, 0), isNewer: true),
        Pair(first: (540, 0), second: (30, 0), isNewer: false),
    ])
    func newerFix_hasTheGreaterOrder(pair: Pair) throws {
        let first = try Samples.fix(at: pair.first.0, received: pair.first.1)
        let second = try Samples.fix(at: pair.second.0, received: pair.second.1)
        #expect(second.isNewer(than: first) == pair.isNewer)
    }

    @Test func fix_isAhead_beyond30Seconds() throws {
        #expect(try Samples.fix(at: 30, received: 0).isAhead == false)
        #expect(try Samples.fix(at: 30.001, received: 0).isAhead)
        #expect(try Samples.fix(at: -86_400, received: 0).isAhead == false)
    }

    @Test func order_neverTraps_atTheEndsOfTheRange() {
        let last = Timestamp(milliseconds: .max)
        let first = Timestamp(milliseconds: .min)
        let late = FixOrder(recordedAt: last, receivedAt: last)
        #expect(FixOrder(recordedAt: first, receivedAt: last) < late)
        #expect(FixOrder(recordedAt: last, receivedAt: first) < late)
    }
}
