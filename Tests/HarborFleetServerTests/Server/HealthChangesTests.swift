import Supervision
import Testing

@testable import HarborFleetServer

@Suite struct HealthChangesTests {
    private let fine = HealthCheck(.ok, "fine")

    @Test func change_isReportedOnce_whileTheDetailsChange() {
        var changes = HealthChanges()
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == .ready)
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == nil)
        for second in 11...13 {
            let silent = HealthCheck(.failed, "no answer for \(second) s")
            let change = changes.looked(at: ["database": silent, "lifecycle": fine])
            #expect(change == (second == 11 ? .notReady(["database": "no answer for 11 s"]) : nil))
        }
        let draining = HealthCheck(.failed, "draining")
        #expect(
            changes.looked(at: ["database": fine, "lifecycle": draining])
                == .notReady(["lifecycle": "draining"]))
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == .readyAgain)
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == nil)
    }

    @Test func readyAgain_isReportedOnly_whenTheServerWasReadyBefore() {
        var changes = HealthChanges()
        let away = HealthCheck(.failed, "away")
        #expect(changes.looked(at: ["database": away]) == .notReady(["database": "away"]))
        #expect(changes.looked(at: ["database": fine]) == .ready)
        #expect(changes.looked(at: ["database": away]) == .notReady(["database": "away"]))
        #expect(changes.looked(at: ["database": fine]) == .readyAgain)
    }

    @Test func optionalCheck_isNotAChange() {
        var changes = HealthChanges()
        #expect(changes.looked(at: ["database": fine]) == .ready)
        let behind = HealthCheck(.failed, "behind", isRequired: false)
        #expect(changes.looked(at: ["database": fine, "partitions": behind]) == nil)
    }
}
