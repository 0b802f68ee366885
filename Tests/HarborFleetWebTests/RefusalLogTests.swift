import EventLoops
import HarborFleetWeb
import Testing

struct RefusalLogTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func ofThousandsOfRefusals_oneAMinuteIsWritten_withTheNumberOfTheOthers() {
        var log = RefusalLog()
        #expect(log.refused("/fixes", now: at(1)) == 0)
        for _ in 0..<3_000 { #expect(log.refused("/fixes", now: at(60)) == nil) }
        #expect(log.refused("/fixes", now: at(61)) == 3_000)
        #expect(log.refused("/fixes", now: at(120)) == nil)
        #expect(log.refused("/fixes", now: at(121)) == 1)
    }

    @Test func eachRoute_hasLinesOfItsOwn() {
        var log = RefusalLog()
        #expect(log.refused("/fixes", now: at(1)) == 0)
        #expect(log.refused("/track", now: at(1)) == 0)
    }
}
