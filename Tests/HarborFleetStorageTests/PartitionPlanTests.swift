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

    @Test func aPlan_countsDaysFromTheDayOfTheOldestFixThatIsKept() {
        #expect(plan([]).missing == (-2...7).map(day))
        #expect(
            plan([partition(0, 0), partition(-3, -3)]).missing == [-2, -1, 1, 2, 3, 4, 5, 6, 7].map(day))
    }

    @Test func aPartitionOfSeveralDays_holdsAllOfThem() {
        let survey = PartitionSurvey(partitions: [partition(-2, 3)])
        #expect(plan(survey.partitions).missing == (4...7).map(day))
        #expect(survey.holds(day(3)) && !survey.holds(day(4)))
        let unbounded = PartitionSurvey.Partition(name: "p", start: nil, end: nil)
        #expect(plan([unbounded]).missing == [])
    }

    @Test func aDayThatAnotherPartitionHoldsAPartOf_isBlocked_andTheOthersAreMade() {
        let half = PartitionSurvey.Partition(
            name: "p", start: day(1).start, end: day(1).start.advanced(by: .seconds(3_600)))
        let plan = plan([half])
        #expect(plan.blocked == [day(1)])
        #expect(plan.missing == [-2, -1, 0, 2, 3, 4, 5, 6, 7].map(day))
    }

    @Test func aWantedDayThatIsHalfDetached_isFinishedFirst() {
        let survey = PartitionSurvey(partitions: [partition(0, 0, isDetaching: true)])
        #expect(plan(survey.partitions).halfDetached == survey.partitions)
        #expect(!plan(survey.partitions).missing.contains(today))
        #expect(!survey.holds(today))
        #expect(survey.missing(at: now, retentionDays: 2, ahead: 1).contains(today))
    }

    @Test func aDayThatHasJustExpired_staysForAnHour() {
        let survey = PartitionSurvey(partitions: [partition(-3, -3), partition(-2, -2)])
        #expect(survey.expired(at: today.start, retentionDays: 2) == 0)
        #expect(survey.expired(at: today.start.advanced(by: .seconds(3_599)), retentionDays: 2) == 0)
        #expect(survey.expired(at: today.start.advanced(by: .seconds(3_600)), retentionDays: 2) == 1)
    }

    @Test func aChangedRetention_movesWhatIsWantedAndWhatHasExpired() {
        let survey = PartitionSurvey(partitions: (-5...7).map { partition($0, $0) })
        #expect(survey.expired(at: now, retentionDays: 2) == 3)
        #expect(survey.missing(at: now, retentionDays: 7) == [day(-7), day(-6)])
    }
}
