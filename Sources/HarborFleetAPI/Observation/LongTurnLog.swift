package import EventLoops
package import Logging

/// Warns of turns (one callback each) that blocked an event loop for too long, and with it all connections of
/// that loop: the first of a route, then one a minute.
package final class LongTurnLog: Sendable {
    private let warnings: RareWarnings

    package init(_ logger: Logger) {
        warnings = RareWarnings(logger)
    }

    /// The observer to give to the event loops.
    package var observer: EventLoop.LongTurnObserver { { [self] in turned($0, now: .now) } }

    func turned(_ turn: LongTurn, now: ContinuousClock.Instant) {
        let work = turn.work ?? "unnamed"
        let metadata: Logger.Metadata = [
            "loop": "\(turn.loop)", "route": "\(work)",
            "cpu_ms": .stringConvertible(turn.cpuNanoseconds / 1_000_000),
            "elapsed_ms": .stringConvertible(turn.elapsedNanoseconds / 1_000_000),
        ]
        warnings.warn("one callback blocked an event loop for too long", of: work, metadata, now: now)
    }
}
