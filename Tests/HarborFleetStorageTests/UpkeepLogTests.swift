import HarborFleet
import Logging
import StoreCache
import Testing

@testable import HarborFleetStorage

@Suite struct UpkeepLogTests {
    @Test func refusal_isAWarningOnce_whileItSaysTheSame() {
        var told: StoreError?
        var refusal = StoreError(.unavailable, detail: "permission denied for table receipts")
        refusal.isRefusal = true
        #expect(refusal.levelOfUpkeep(told: &told) == .warning)
        #expect(refusal.levelOfUpkeep(told: &told) == .debug)
        // The pools report an outage.
        #expect(StoreError(.unavailable, detail: "time-out").levelOfUpkeep(told: &told) == .debug)
        #expect(refusal.levelOfUpkeep(told: &told) == .debug)
        refusal.detail = "permission denied for table fixes"
        #expect(refusal.levelOfUpkeep(told: &told) == .warning)
        #expect(StoreError(.rejected, detail: "a check").levelOfUpkeep(told: &told) == .warning)
    }
}
