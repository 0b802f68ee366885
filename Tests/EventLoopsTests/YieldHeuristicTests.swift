import Testing

@testable import EventLoops

@Suite struct YieldHeuristicTests {
    @Test(arguments: [(0, false), (1, false), (3, false), (5, true), (256, true)])
    func loop_yields_whenManyEventsComeAtOnceForAWhile(events: Int, shouldYield: Bool) {
        var heuristic = YieldHeuristic()
        #expect(!heuristic.shouldYield)
        for _ in 0..<100 { heuristic.waited(events: events) }
        #expect(heuristic.shouldYield == shouldYield)
    }

    @Test func heuristic_changesAfterManySmallTurns_andNotAfterOne() {
        var heuristic = YieldHeuristic()
        for _ in 0..<100 { heuristic.waited(events: 8) }
        heuristic.waited(events: 1)
        #expect(heuristic.shouldYield)
        for _ in 0..<20 { heuristic.waited(events: 1) }
        #expect(!heuristic.shouldYield)
    }
}
