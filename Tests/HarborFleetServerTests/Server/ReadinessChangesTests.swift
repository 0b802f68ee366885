import HarborFleetAPI
import Testing

@testable import HarborFleetServer

@Suite struct ReadinessChangesTests {
    private let fine = ReadinessCheck(.ok, "fine")

    @Test func aChange_isToldOnce_whateverTheChecksSayMeanwhile() {
        var changes = ReadinessChanges()
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == .ready)
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == nil)
        for second in 11...13 {
            let silent = ReadinessCheck(.failed, "no answer for \(second) s")
            let change = changes.looked(at: ["database": silent, "lifecycle": fine])
            #expect(change == (second == 11 ? .notReady(["database": "no answer for 11 s"]) : nil))
        }
        let draining = ReadinessCheck(.failed, "draining")
        #expect(
            changes.looked(at: ["database": fine, "lifecycle": draining])
                == .notReady(["lifecycle": "draining"]))
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == .readyAgain)
        #expect(changes.looked(at: ["database": fine, "lifecycle": fine]) == nil)
    }

    @Test func aServerThatWasNeverReady_isReady_notReadyAgain() {
        var changes = ReadinessChanges()
        let away = ReadinessCheck(.failed, "away")
        #expect(changes.looked(at: ["database": away]) == .notReady(["database": "away"]))
        #expect(changes.looked(at: ["database": fine]) == .ready)
        #expect(changes.looked(at: ["database": away]) == .notReady(["database": "away"]))
        #expect(changes.looked(at: ["database": fine]) == .readyAgain)
    }

    @Test func whatIsNotRequired_isNoChange() {
        var changes = ReadinessChanges()
        #expect(changes.looked(at: ["database": fine]) == .ready)
        let behind = ReadinessCheck(.failed, "behind", isRequired: false)
        #expect(changes.looked(at: ["database": fine, "partitions": behind]) == nil)
    }
}
