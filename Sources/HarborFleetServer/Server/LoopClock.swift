internal import EventLoops
internal import Supervision

/// The machine's clock, with sleepers in the timer wheel of an event loop: in the current loop's wheel if the
/// caller runs on one. A sleeper wakes up to `EventLoop.tick` late, never early. Use it only while the loops
/// run.
struct LoopClock: SupervisionClock {
    /// A longer sleep is split into parts, so that each part starts from the current time.
    private static let longestSleep: Duration = .seconds(3_600)

    let group: EventLoopGroup
    /// Loops outside of the group whose callers also sleep in their own loop's wheel.
    let others: [EventLoop]

    func now() -> ContinuousClock.Instant { ContinuousClock.now }

    func sleep(until deadline: ContinuousClock.Instant) async throws {
        let loop = (group.loops + others).first { $0.isCurrent } ?? group.loop(forKey: "clock")
        while true {
            try Task.checkCancellation()
            let rest = now().duration(to: deadline)
            guard rest > .zero else { return }
            try await loop.sleep(for: min(rest, Self.longestSleep))
        }
    }
}
