package import EventLoops
package import Logging

/// Warns of turns that held up an event loop, and with it all connections of that loop: the first of a route, then
/// one a minute.
package final class LongTurnLog: Sendable {
    private let warnings: RareWarnings

    package init(_ logger: Logger) {
        warnings = RareWarnings(logger)
    }

    /// What loops are given.
    package var observer: EventLoop.LongTurnObserver { { [self] in turned($0, now: .now) } }

    func turned(_ turn: LongTurn, now: ContinuousClock.Instant) {
        let work = turn.work ?? "unnamed"
        let metadata: Logger.Metadata = [
            "loop": "\(turn.loop)", "route": "\(work)",
            "cpu_ms": .stringConvertible(turn.cpuNanoseconds / 1_000_000),
            "elapsed_ms": .stringConvertible(turn.elapsedNanoseconds / 1_000_000),
        ]
        warnings.warn("an event loop was held up by one turn", of: work, metadata, now: now)
    }
}
