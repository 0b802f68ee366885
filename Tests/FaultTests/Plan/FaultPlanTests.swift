import Testing

/// A seed determines a plan.
@Suite(.timeLimit(.minutes(1))) struct FaultPlanTests {
    @Test func plan_isTheSame_forTheSameSeedAlone() {
        let plan = FaultPlan(seed: 7, count: 300, pace: .long)
        #expect(plan == FaultPlan(seed: 7, count: 300, pace: .long))
        #expect(plan.steps != FaultPlan(seed: 8, count: 300, pace: .long).steps)
        // A shorter run is the beginning of a longer one, so that a shorter one can repeat a failure.
        #expect(Array(plan.steps.prefix(40)) == FaultPlan(seed: 7, count: 40, pace: .long).steps)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func longPlan_hasEachKindTwice_andFaultsThatOutlastATimeout(_ seed: UInt64) {
        let steps = FaultPlan(seed: seed, count: 300, pace: .long).steps
        #expect(steps.count == 300)
        let kinds = Dictionary(grouping: steps, by: \.fault.kind)
        #expect(kinds.count == 23)
        #expect(kinds.values.allSatisfy { $0.count >= 2 })
        #expect(steps.contains { $0.holdMilliseconds > 5_000 })
        #expect(steps.contains { $0.companion == .killServer })
        #expect(steps.contains { $0.companion == .stopServer })
        #expect(steps.allSatisfy { $0.companion == nil || !$0.fault.isOfServer })
    }

    @Test func shortPlan_takesSeconds() {
        for seed in 0..<50 as Range<UInt64> {
            let steps = FaultPlan(seed: seed, count: 9, pace: .short).steps
            let total = steps.reduce(0) { $0 + $1.holdMilliseconds + $1.pauseMilliseconds }
            #expect(total <= 9_000)
            #expect(Set(steps.map(\.fault.kind)).count >= 5)
        }
    }
}
