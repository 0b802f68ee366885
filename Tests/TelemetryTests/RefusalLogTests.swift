import Logging
import Telemetry
import Testing

struct RefusalLogTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func refusals_haveOneLineAMinute_withTheNumberOfTheOthers() {
        var log = RefusalLog()
        #expect(log.refused("/fixes", now: at(1)) == 0)
        for _ in 0..<3_000 { #expect(log.refused("/fixes", now: at(60)) == nil) }
        #expect(log.refused("/fixes", now: at(61)) == 3_000)
        #expect(log.refused("/fixes", now: at(120)) == nil)
        #expect(log.refused("/fixes", now: at(121)) == 1)
    }

    @Test func line_hasTheUnwrittenNumberAsANumber() throws {
        var metadata: Logger.Metadata = [:]
        metadata.add(unwritten: 0)
        #expect(metadata.isEmpty)
        metadata.add(unwritten: 7)
        guard case .stringConvertible(let number) = metadata["unwritten"] else {
            Issue.record("\(metadata)")
            return
        }
        #expect(number as? Int == 7)
    }

    @Test func eachRoute_hasItsOwnLines() {
        var log = RefusalLog()
        #expect(log.refused("/fixes", now: at(1)) == 0)
        #expect(log.refused("/track", now: at(1)) == 0)
    }

    /// The limit holds for any span of a minute.
    @Test func limit_holdsInEveryMinute() {
        var log = RefusalLog(linesPerMinute: 6)
        let times: [Int] = [0, 50, 51, 52, 53, 54, 55, 59, 60, 61, 109, 110, 111, 112, 113, 114, 115]
        let written = times.filter { log.refused("north stale", now: at($0)) != nil }
        #expect(written == [0, 50, 51, 52, 53, 54, 60, 110, 111, 112, 113, 114])
        #expect(log.refused("north stale", now: at(120)) == 1)
    }

    @Test func unwrittenNumber_isReportedOnce_byTheNextLine() {
        var log = RefusalLog(linesPerMinute: 2)
        #expect([1, 2, 3, 4].map { log.refused("a", now: at($0)) } == [0, 0, nil, nil])
        #expect([61, 62, 63].map { log.refused("a", now: at($0)) } == [2, 0, nil])
    }

    /// Beyond a bound, further subjects are not remembered and share the lines of one.
    @Test func subjects_shareTheLinesOfOne_beyondTheBound() {
        var log = RefusalLog(linesPerMinute: 2, capacity: 10)
        let written = (0..<1_000).filter { log.refused("s\($0)", now: at(1)) != nil }
        #expect(written == Array(0...11))
        #expect(log.count == 10)
        #expect(log.refused("s3", now: at(2)) == 0)
        #expect(log.refused("s3", now: at(2)) == nil)
        // There is room again after a quiet minute.
        #expect(log.refused("new", now: at(61)) == 0)
        #expect(log.count == 2)
    }
}
