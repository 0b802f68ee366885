import HarborFleet
import Testing

@testable import FleetSimulator

@Suite struct ReplayPaceTests {
    @Test func fixes_areDueAtTheirDistances_dividedByTheSpeed() throws {
        let pace = ReplayPace(try RecordedFixes.at([0, 1, 4]), speed: 2, longestGap: .seconds(3600))
        #expect(pace.offsets == [.zero, .milliseconds(500), .seconds(2)])
        #expect(pace.skippedGaps.count == 0)
    }

    @Test(arguments: [(3599, 0), (3600, 0), (3601, 1)])
    func gap_isSkipped_whenItIsLongerThanTheLimit(_ gap: Int, _ skipped: Int) throws {
        let pace = ReplayPace(
            try RecordedFixes.at([0, 1, 1 + gap, 2 + gap]), speed: 1, longestGap: .seconds(3600))
        let waited = skipped == 0 ? gap : 0
        #expect(pace.offsets == [.zero, .seconds(1), .seconds(1 + waited), .seconds(2 + waited)])
        #expect(pace.skippedGaps.count == skipped)
    }

    @Test(arguments: [
        (3601, "1 h 1 s"), (7200, "2 h"), (90_061, "1 d 1 h"), (845_000_000, "9780 d 2 h"),
        (3660, "1 h 1 min"),
    ])
    func skippedGap_isListedWithLengthLineAndTime(_ gap: Int, _ length: String) throws {
        let pace = ReplayPace(try RecordedFixes.at([0, gap]), speed: 1, longestGap: .seconds(3600))
        #expect(pace.skippedGaps.list == "\(length) before line 2 (second \(gap))")
    }

    @Test func skippedGap_isListed_whenItIsShorterThanASecond() throws {
        var fixes = try RecordedFixes.at([0, 1])
        fixes[1].fix.recordedAt = Timestamp(milliseconds: 700)
        let pace = ReplayPace(fixes, speed: 1, longestGap: .milliseconds(500))
        #expect(pace.skippedGaps.list == "less than 1 s before line 2 (second 1)")
    }

    @Test func pace_isComputedForAtMostTenYears() throws {
        let pace = ReplayPace(
            try RecordedFixes.at([0, 300_000_000]), speed: 0.001, longestGap: .seconds(315_000_000))
        #expect(pace.offsets == [.zero, .seconds(315_000_000)])
    }
}
