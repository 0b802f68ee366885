import Testing

@testable import HarborFleetServer

struct PartitionSupplyTests {
    private let start = ContinuousClock.now

    @Test func aRunThatFails_leavesTheServerReady_whilePartitionsLast() {
        let supply = PartitionSupply(filledAt: start)
        #expect(supply.check(at: start + .seconds(5 * 86_400)).status == .ok)
        #expect(supply.check(at: start + .seconds(6 * 86_400 + 1)).status == .failed)
    }

    @Test func aRunThatWorks_makesItReadyAgain() {
        var supply = PartitionSupply(filledAt: start)
        let later = start + .seconds(7 * 86_400)
        supply.filled(at: later)
        #expect(supply.check(at: later).status == .ok)
    }
}
