import HarborFleet
import Testing

@testable import HarborFleetStorage

struct PartitionSpansTests {
    private let today = PartitionDay(of: StorageBench.now).daysSince1970

    private func starts(_ days: ClosedRange<Int>) -> [Timestamp] {
        days.map { PartitionDay(daysSince1970: today + $0).start }
    }

    private func day(_ offset: Int) -> Timestamp { PartitionDay(daysSince1970: today + offset).start }

    @Test func spans_coverAPeriod_withFewPartitionsEach() {
        let always = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
        let starts = starts(-3_650...7)
        let spans = PartitionSpans.spans(of: always, starts: starts)
        #expect(spans.first?.lowerBound == always.lowerBound && spans.last?.upperBound == always.upperBound)
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(spans.count == 115)
        for span in spans { #expect(starts.count { span.contains($0) } <= PartitionSpans.width) }
    }

    @Test func shortPeriod_isOneSpan() {
        let starts = starts(-90...7)
        let period = day(-3).advanced(by: .seconds(7))..<day(20)
        #expect(PartitionSpans.spans(of: period, starts: starts) == [period])
        #expect(PartitionSpans.spans(of: period, starts: []) == [period])
        #expect(PartitionSpans.spans(of: day(1)..<day(1), starts: starts).isEmpty)
    }

    @Test func period_countsThePartitionInWhichItBegins() {
        let period = day(-40).advanced(by: .seconds(7))..<day(0)
        #expect(
            PartitionSpans.spans(of: period, starts: starts(-90...7)) == [
                period.lowerBound..<day(-8), day(-8)..<day(0),
            ])
    }
}
