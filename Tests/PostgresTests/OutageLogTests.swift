import Testing

@testable import Postgres

struct OutageLogTests {
    private final class Pool {}
    private let pools = [Pool(), Pool()]
    private let start = ContinuousClock.now

    @Test func outage_hasOneLineAtItsStartAndOneAtItsEnd_forAllPools() {
        var state = OutageLogState()
        let (first, second) = (ObjectIdentifier(pools[0]), ObjectIdentifier(pools[1]))
        #expect(state.lostOne(at: start) == .lostOne)
        #expect(state.troubled(first, at: start) == .lost)
        for second in 0..<50 {
            #expect(state.lostOne(at: start + .seconds(second)) == nil)
            #expect(state.troubled(first, at: start + .seconds(second)) == nil)
        }
        #expect(state.troubled(second, at: start + .seconds(50)) == nil)
        #expect(state.troubled(second, at: start + .seconds(60)) == .still(for: .seconds(60)))
        #expect(state.troubled(second, at: start + .seconds(61)) == nil)
        #expect(state.recovered(first, at: start + .seconds(70)) == nil)
        #expect(state.recovered(second, at: start + .seconds(71)) == .back(after: .seconds(71)))
        #expect(state.recovered(second, at: start + .seconds(72)) == nil)
    }

    @Test func outages_areLoggedOnce_whenTheyFollowEachOtherQuickly() {
        var state = OutageLogState()
        let pool = ObjectIdentifier(pools[0])
        #expect(state.troubled(pool, at: start) == .lost)
        #expect(state.recovered(pool, at: start + .seconds(1)) == .back(after: .seconds(1)))
        #expect(state.troubled(pool, at: start + .seconds(2)) == nil)
        #expect(state.recovered(pool, at: start + .seconds(3)) == nil)
        #expect(state.troubled(pool, at: start + .seconds(4)) == nil)
        #expect(state.troubled(pool, at: start + .seconds(6)) == .lost)
        #expect(state.recovered(pool, at: start + .seconds(8)) == .back(after: .seconds(4)))
    }

    @Test func lostConnections_areLoggedEveryFiveSeconds() {
        var state = OutageLogState()
        #expect(state.lostOne(at: start) == .lostOne)
        #expect(state.lostOne(at: start + .seconds(4)) == nil)
        #expect(state.lostOne(at: start + .seconds(5)) == .lostOne)
    }
}
