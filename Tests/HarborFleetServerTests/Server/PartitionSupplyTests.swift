import HarborFleet
import Testing

@testable import HarborFleetServer
@testable import HarborFleetStorage

struct PartitionSupplyTests {
    private let now = Timestamp(milliseconds: 1_795_176_000_000)  // 2026-11-20T12:00:00Z

    private func later(days: Int) -> Timestamp { now.advanced(by: .seconds(days * 86_400)) }

    /// What a keeper finds that has made partitions for `retentionDays` before `now` and the next 7.
    private func supply(madeFor retentionDays: Int = 3, wanted: Int? = nil) -> PartitionSupply {
        let today = PartitionDay(of: now).daysSince1970
        let days = ((today - retentionDays)...(today + 7)).map(PartitionDay.init(daysSince1970:))
        var supply = PartitionSupply(retentionDays: wanted ?? retentionDays)
        supply.found(
            PartitionSurvey(
                partitions: days.map {
                    PartitionSurvey.Partition(name: $0.tableName, start: $0.start, end: $0.next.start)
                }))
        supply.ended(at: now, problem: nil)
        return supply
    }

    @Test func aServerIsNotReady_untilSomebodyHasLooked() {
        let check = PartitionSupply(retentionDays: 3).check(at: now)
        #expect(check.status == .failed && check.isRequired)
    }

    @Test func aKeeperThatFails_leavesTheServerReady_asLongAsTodayAndTomorrowHavePartitions() {
        var supply = supply()
        #expect(supply.check(at: now) == .init(.ok, "11 partitions"))
        #expect(supply.check(at: later(days: 1)).status == .ok)
        supply.ended(at: later(days: 2), problem: "no database")
        let behind = supply.check(at: later(days: 2))
        #expect(behind.status == .failed && !behind.isRequired)
        #expect(behind.detail.contains("2026-11-28") && behind.detail.contains("no database"))
        #expect(!supply.check(at: later(days: 6)).isRequired)
        #expect(!supply.isShort(at: later(days: 6)))
        let short = supply.check(at: later(days: 7))
        #expect(short.status == .failed && short.isRequired)
        #expect(short.detail.contains("2026-11-28"))
        #expect(supply.isShort(at: later(days: 7)))
        #expect(supply.failures == 1 && supply.lastSuccess == now)
    }

    @Test func aServerIsReady_whenYesterdayToTomorrowHavePartitions_andTheRestIsBeingMade() {
        let today = PartitionDay(of: now).daysSince1970
        func supply(_ days: ClosedRange<Int>) -> PartitionSupply {
            var supply = PartitionSupply(retentionDays: 3_650)
            supply.makes()
            supply.found(
                PartitionSurvey(
                    partitions: days.map { PartitionDay(daysSince1970: today + $0) }.map {
                        PartitionSurvey.Partition(name: $0.tableName, start: $0.start, end: $0.next.start)
                    }))
            return supply
        }
        for days in [0...1, -1...0, 1...7, -9 ... -1] {
            let check = supply(days).check(at: now)
            #expect(check.status == .failed && check.isRequired, "\(days)")
            #expect(supply(days).isShort(at: now))
        }
        var made = supply(-1...1)
        #expect(!made.isShort(at: now))
        // 3,650 days back, today, and 6 ahead.
        #expect(made.check(at: now) == .init(.ok, "3 partitions; 3654 days are being made"))
        made.ended(at: now, problem: "a lock")
        #expect(made.check(at: now).status == .failed && !made.check(at: now).isRequired)
    }

    @Test func aClockThatJumps_makesTheServerUnready() {
        let supply = supply()
        #expect(supply.check(at: later(days: 400)).isRequired)
        #expect(supply.check(at: later(days: -400)).isRequired)
    }

    @Test func expiredPartitionsThatStay_areTold_andLeaveTheServerReady() {
        var supply = supply(madeFor: 5, wanted: 3)
        #expect(supply.expired(at: now) == 2)
        #expect(supply.check(at: now).status == .ok)
        supply.ended(at: now, problem: "a lock")
        let check = supply.check(at: now)
        #expect(check.status == .failed && !check.isRequired)
        #expect(check.detail == "1 expired partitions are still there; the last run failed: a lock")
    }

    @Test func aLengthenedRetention_isToldUntilItsDaysAreThere() {
        let supply = supply(madeFor: 3, wanted: 5)
        #expect(supply.missing(at: now) == 2)
        let check = supply.check(at: now)
        #expect(check.status == .failed && !check.isRequired && check.detail.contains("2026-11-15"))
    }

    @Test func whatAnotherServerKeepsForLonger_hasNotExpired() {
        var supply = supply(madeFor: 5, wanted: 3)
        supply.found(RetentionHorizon(now: now, fixDays: 4, receiptDays: 3))
        #expect(supply.expired(at: now) == 1)
        supply.found(RetentionHorizon(now: now, fixDays: 5, receiptDays: 3))
        #expect(supply.expired(at: now) == 0)
    }

    @Test func aClockThatIsAheadOfTheLastRun_isTold_andLeavesTheServerReady() {
        var supply = supply(madeFor: 3)
        let ahead = later(days: 2)
        supply.found(RetentionHorizon(now: now, fixDays: 3, receiptDays: 3, doubt: "the clock"))
        supply.ended(at: ahead, problem: "the clock")
        let check = supply.check(at: ahead)
        #expect(check.status == .failed && !check.isRequired && check.detail.contains("the clock"))
    }
}
