import EventLoops
import HarborFleetTesting
import Testing

@testable import HarborFleetAPI

struct LongTurnLogTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func turn(_ work: String?) -> LongTurn {
        LongTurn(
            loop: "harbor.loop.1", cpuNanoseconds: 123_456_789, elapsedNanoseconds: 200_000_000, work: work)
    }

    @Test func route_hasOneLineAMinute_withTheNumberOfUnwrittenOnes() {
        let lines = LogRecorder()
        let log = LongTurnLog(lines.logger)
        log.turned(turn("/fleets/{fleet_id}"), now: at(100))
        for _ in 0..<7 { log.turned(turn("/fleets/{fleet_id}"), now: at(159)) }
        log.turned(turn(nil), now: at(159))
        log.turned(turn("/fleets/{fleet_id}"), now: at(160))
        #expect(
            lines.lines.map(\.turn) == [
                "warning harbor.loop.1 /fleets/{fleet_id} 123 ms of 200 ms, unwritten: 0",
                "warning harbor.loop.1 unnamed 123 ms of 200 ms, unwritten: 0",
                "warning harbor.loop.1 /fleets/{fleet_id} 123 ms of 200 ms, unwritten: 7",
            ])
    }
}

extension LogRecorder.Line {
    fileprivate var turn: String {
        let text = { (name: String) in self[name] ?? "0" }
        return "\(level) \(text("loop")) \(text("route")) \(text("cpu_ms")) ms of \(text("elapsed_ms")) ms, "
            + "unwritten: \(text("unwritten"))"
    }
}
