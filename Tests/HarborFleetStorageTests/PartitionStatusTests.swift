import HarborFleet
import Supervision
import Testing

@testable import HarborFleetStorage

struct PartitionStatusTests {
    private let now = Timestamp(milliseconds: 1_795_176_000_000)  // 2026-11-20T12:00:00Z

    private func later(days: Int) -> Timestamp { now.advanced(by: .seconds(days * 86_400)) }

    /// The status after a keeper has made partitions for `retentionDays` before `now` and the next 7 days.
    private func status(madeFor retentionDays: Int = 3, wanted: Int? = nil) -> PartitionStatus {
        let today = PartitionDay(of: now).daysSince1970
        let days = ((today - retentionDays)...(today + 7)).map(PartitionDay.init(daysSince1970:))
        var status = PartitionStatus(retentionDays: wanted ?? retentionDays)
        status.survey = PartitionSurvey(
            partitions: days.map {
                PartitionSurvey.Partition(name: $0.tableName, start: $0.start, end: $0.next.start)
            })
        status.ended(at: now, problem: nil)
        return status
    }

    @Test func server_isNotReady_beforeTheFirstSurvey() {
        let check = PartitionStatus(retentionDays: 3).check(at: now)
        #expect(check.status == .failed && check.isRequired)
    }

    @Test func server_staysReady_whenTheKeeperFailsButTodayAndTomorrowHavePartitions() {
        var status = status()
        #expect(status.check(at: now) == .init(.ok, "11 partitions"))
        #expect(status.check(at: later(days: 1)).status == .ok)
        status.ended(at: later(days: 2), problem: "no database")
        let behind = status.check(at: later(days: 2))
        #expect(behind.status == .failed && !behind.isRequired)
        #expect(behind.detail.contains("2026-11-28") && behind.detail.contains("no database"))
        #expect(!status.check(at: later(days: 6)).isRequired)
        #expect(!status.isShort(at: later(days: 6)))
        let short = status.check(at: later(days: 7))
        #expect(short.status == .failed && short.isRequired)
        #expect(short.detail.contains("2026-11-28"))
        #expect(status.isShort(at: later(days: 7)))
        #expect(status.failures == 1 && status.lastSuccess == now)
    }

    @Test func server_isReady_whenYesterdayToTomorrowHavePartitions() {
        let today = PartitionDay(of: now).daysSince1970
        func status(_ days: ClosedRange<Int>) -> PartitionStatus {
            var status = PartitionStatus(retentionDays: 3_650)
            status.isMaking = true
            status.survey = PartitionSurvey(
                partitions: days.map { PartitionDay(daysSince1970: today + $0) }.map {
                    PartitionSurvey.Partition(name: $0.tableName, start: $0.start, end: $0.next.start)
                })
            return status
        }
        for days in [0...1, -1...0, 1...7, -9 ... -1] {
            let check = status(days).check(at: now)
            #expect(check.status == .failed && check.isRequired, "\(days)")
            #expect(status(days).isShort(at: now))
        }
        var made = status(-1...1)
        #expect(!made.isShort(at: now))
        // These are 3,650 days back, today, and 6 days ahead, without the 3 that exist.
        #expect(made.check(at: now) == .init(.ok, "3 partitions; 3654 days are being created"))
        made.ended(at: now, problem: "a lock")
        #expect(made.check(at: now).status == .failed && !made.check(at: now).isRequired)
    }

    @Test func server_isNotReady_whenTheClockJumps() {
        let status = status()
        #expect(status.check(at: later(days: 400)).isRequired)
        #expect(status.check(at: later(days: -400)).isRequired)
    }

    @Test func server_staysReady_whenExpiredPartitionsStay() {
        var status = status(madeFor: 5, wanted: 3)
        #expect(status.expired(at: now) == 2)
        #expect(status.check(at: now).status == .ok)
        status.ended(at: now, problem: "a lock")
        let check = status.check(at: now)
        #expect(check.status == .failed && !check.isRequired)
        #expect(check.detail == "1 expired partitions still exist; the last run failed: a lock")
    }

    @Test func longerRetention_isReported_untilItsDaysAreThere() {
        let status = status(madeFor: 3, wanted: 5)
        #expect(status.missing(at: now) == 2)
        let check = status.check(at: now)
        #expect(check.status == .failed && !check.isRequired && check.detail.contains("2026-11-15"))
    }

    @Test func partition_hasNotExpired_whenAnotherServerKeepsIt() {
        var status = status(madeFor: 5, wanted: 3)
        status.horizon = RetentionHorizon(now: now, fixDays: 4, receiptDays: 3)
        #expect(status.expired(at: now) == 1)
        status.horizon = RetentionHorizon(now: now, fixDays: 5, receiptDays: 3)
        #expect(status.expired(at: now) == 0)
    }

    @Test func server_staysReady_whenTheClockIsAheadOfTheLastRun() {
        var status = status(madeFor: 3)
        let ahead = later(days: 2)
        status.horizon = RetentionHorizon(now: now, fixDays: 3, receiptDays: 3, doubt: "the clock")
        status.ended(at: ahead, problem: "the clock")
        let check = status.check(at: ahead)
        #expect(check.status == .failed && !check.isRequired && check.detail.contains("the clock"))
    }
}
