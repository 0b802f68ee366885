import HarborFleet
import Testing

@testable import HarborFleetStorage

struct PartitionPlanTests {
    private let now = StorageBench.now
    private let today = PartitionDay(of: StorageBench.now)

    private func day(_ offset: Int) -> PartitionDay {
        PartitionDay(daysSince1970: today.daysSince1970 + offset)
    }

    private func partition(_ first: Int, _ last: Int, isDetaching: Bool = false) -> PartitionSurvey.Partition
    {
        PartitionSurvey.Partition(
            name: "p", start: day(first).start, end: day(last).next.start, isDetaching: isDetaching)
    }

    private func plan(_ partitions: [PartitionSurvey.Partition], retentionDays: Int = 2) -> PartitionPlan {
        PartitionPlan(PartitionSurvey(partitions: partitions), now: now, retentionDays: retentionDays)
    }

    @Test func plan_countsDaysFromTheOldestFixThatIsKept() {
        #expect(Set(plan([]).missing) == Set((-2...7).map(day)))
        #expect(
            Set(plan([partition(0, 0), partition(-3, -3)]).missing)
                == Set([-2, -1, 1, 2, 3, 4, 5, 6, 7].map(day)))
    }

    @Test func plan_hasTheCurrentDaysFirst_thenTheNewest() {
        #expect(
            plan([], retentionDays: 5).missing
                == [-1, 0, 1, 7, 6, 5, 4, 3, 2, -2, -3, -4, -5].map(day))
        #expect(plan([partition(0, 2)], retentionDays: 3).missing == [-1, 7, 6, 5, 4, 3, -2, -3].map(day))
    }

    @Test func longestRetention_isPlannedQuickly() {
        let survey = PartitionSurvey(partitions: (-3_650...7).map { partition($0, $0) })
        let start = ContinuousClock.now
        for _ in 0..<20 { #expect(survey.missing(at: now, retentionDays: 3_650).isEmpty) }
        #expect(PartitionPlan(survey, now: now, retentionDays: 3_650).missing.isEmpty)
        // A comparison of each day with each partition would take seconds.
        #expect(start.duration(to: .now) < .seconds(5))
    }

    @Test func partitionOfSeveralDays_holdsAllOfThem() {
        let survey = PartitionSurvey(partitions: [partition(-2, 3)])
        #expect(plan(survey.partitions).missing == [7, 6, 5, 4].map(day))
        #expect(survey.holds(day(3)) && !survey.holds(day(4)))
        let unbounded = PartitionSurvey.Partition(name: "p", start: nil, end: nil)
        #expect(plan([unbounded]).missing == [])
    }

    @Test func day_isBlocked_whenAnotherPartitionHoldsAPartOfIt() {
        let half = PartitionSurvey.Partition(
            name: "p", start: day(1).start, end: day(1).start.advanced(by: .seconds(3_600)))
        let plan = plan([half])
        #expect(plan.blocked == [day(1)])
        #expect(plan.missing == [-1, 0, 7, 6, 5, 4, 3, 2, -2].map(day))
    }

    @Test func halfDetachedDay_isFinishedFirst() {
        let survey = PartitionSurvey(partitions: [partition(0, 0, isDetaching: true)])
        #expect(plan(survey.partitions).halfDetached == survey.partitions)
        #expect(!plan(survey.partitions).missing.contains(today))
        #expect(!survey.holds(today))
        #expect(survey.missing(at: now, retentionDays: 2, ahead: 1).contains(today))
    }

    @Test func expiredDay_staysForAnHour() {
        let survey = PartitionSurvey(partitions: [partition(-3, -3), partition(-2, -2)])
        #expect(survey.expired(at: today.start, retentionDays: 2) == 0)
        #expect(survey.expired(at: today.start.advanced(by: .seconds(3_599)), retentionDays: 2) == 0)
        #expect(survey.expired(at: today.start.advanced(by: .seconds(3_600)), retentionDays: 2) == 1)
    }

    @Test func changedRetention_movesWantedAndExpiredDays() {
        let survey = PartitionSurvey(partitions: (-5...7).map { partition($0, $0) })
        #expect(survey.expired(at: now, retentionDays: 2) == 3)
        #expect(survey.missing(at: now, retentionDays: 7) == [day(-7), day(-6)])
    }
}
