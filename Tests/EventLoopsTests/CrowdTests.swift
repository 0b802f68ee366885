import Testing

@testable import EventLoops

@Suite struct CrowdTests {
    @Test(arguments: [(0, false), (1, false), (3, false), (5, true), (256, true)])
    func aCrowd_isLarge_whenManyComeAtOnceForAWhile(events: Int, isLarge: Bool) {
        var crowd = Crowd()
        #expect(!crowd.isLarge)
        for _ in 0..<100 { crowd.came(events) }
        #expect(crowd.isLarge == isLarge)
    }

    @Test func oneSmallTurn_isNoEndOfACrowd_andManyAre() {
        var crowd = Crowd()
        for _ in 0..<100 { crowd.came(8) }
        crowd.came(1)
        #expect(crowd.isLarge)
        for _ in 0..<20 { crowd.came(1) }
        #expect(!crowd.isLarge)
    }
}
