import Testing

@testable import StoreCache

@Suite struct SharesTests {
    @Test func firstHalf_isFreeForEveryone() {
        var shares = Shares<String>(limit: 100, free: 50, share: 25)
        #expect(shares.take(50, for: "a") == nil)
        #expect(shares.take(1, for: "a") == .one)
        #expect(shares.take(25, for: "b") == nil && shares.take(1, for: "b") == .one)
        #expect(shares.take(25, for: "c") == nil && shares.taken == 100)
        #expect(shares.take(1, for: "d") == .all)
    }

    @Test func returnedShare_isFreeForEveryone() {
        var shares = Shares<String>(limit: 100, free: 50, share: 25)
        for _ in 0..<3 {
            #expect(shares.take(50, for: "a") == nil && shares.take(25, for: "b") == nil)
            #expect(shares.take(10, for: "a") == .one)
            shares.giveBack(50, of: "a")
            #expect(shares.take(25, for: "a") == nil)
            shares.giveBack(25, of: "a")
            shares.giveBack(25, of: "b")
            #expect(shares.taken == 0)
        }
    }

    @Test func request_isRefused_whenItIsLargerThanTheLimit() {
        var shares = Shares<Int>(limit: 100, free: 50, share: 25)
        #expect(shares.take(101, for: 1) == .all && shares.taken == 0)
    }
}
