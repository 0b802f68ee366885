import EventLoops
import Logging
import Synchronization
import Testing

@testable import HarborFleetAPI

struct LongTurnLogTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func turn(_ work: String?) -> LongTurn {
        LongTurn(
            loop: "harbor.loop.1", cpuNanoseconds: 123_456_789, elapsedNanoseconds: 200_000_000, work: work)
    }

    @Test func aRoute_hasALineAMinute_withTheNumberOfThoseLeftOut() {
        let lines = Lines()
        let log = LongTurnLog(Logger(label: "test") { _ in lines })
        log.turned(turn("/fleets/{fleet_id}"), now: at(100))
        for _ in 0..<7 { log.turned(turn("/fleets/{fleet_id}"), now: at(159)) }
        log.turned(turn(nil), now: at(159))
        log.turned(turn("/fleets/{fleet_id}"), now: at(160))
        #expect(
            lines.written.withLock { $0 } == [
                "warning harbor.loop.1 /fleets/{fleet_id} 123 ms of 200 ms, unwritten: 0",
                "warning harbor.loop.1 unnamed 123 ms of 200 ms, unwritten: 0",
                "warning harbor.loop.1 /fleets/{fleet_id} 123 ms of 200 ms, unwritten: 7",
            ])
    }
}

/// Keeps the lines.
private final class Lines: LogHandler, Sendable {
    let written = Mutex<[String]>([])
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = event.metadata ?? [:]
        let text = { (key: String) in metadata[key].map { "\($0)" } ?? "0" }
        written.withLock {
            $0.append(
                """
                \(event.level) \(text("loop")) \(text("route")) \(text("cpu_ms")) ms of \
                \(text("elapsed_ms")) ms, unwritten: \(text("unwritten"))
                """)
        }
    }
}
