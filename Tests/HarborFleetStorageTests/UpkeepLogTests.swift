import HarborFleet
import Logging
import StoreCache
import Testing

@testable import HarborFleetStorage

@Suite struct UpkeepLogTests {
    @Test func aRefusal_isWorthAWarning_onceForAsLongAsItSaysTheSame() {
        var told: StoreError?
        var refusal = StoreError(.unavailable, detail: "permission denied for table receipts")
        refusal.isRefusal = true
        #expect(refusal.levelOfUpkeep(told: &told) == .warning)
        #expect(refusal.levelOfUpkeep(told: &told) == .debug)
        // The pools tell that it is away.
        #expect(StoreError(.unavailable, detail: "time-out").levelOfUpkeep(told: &told) == .debug)
        #expect(refusal.levelOfUpkeep(told: &told) == .debug)
        refusal.detail = "permission denied for table fixes"
        #expect(refusal.levelOfUpkeep(told: &told) == .warning)
        #expect(StoreError(.rejected, detail: "a check").levelOfUpkeep(told: &told) == .warning)
    }
}
