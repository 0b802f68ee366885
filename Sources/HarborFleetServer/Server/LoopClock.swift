internal import EventLoops
internal import Supervision

/// The clock of the machine, whose sleepers wait in the timer wheel of an event loop: their own when they run on
/// one. Late by up to `EventLoop.tick`, never early. To be used while the loops run.
struct LoopClock: SupervisionClock {
    /// A longer sleep is taken in parts, so that it starts from the time as it is then.
    private static let longestSleep: Duration = .seconds(3_600)

    let group: EventLoopGroup
    /// Loops outside of the group whose own sleepers wait there too.
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
