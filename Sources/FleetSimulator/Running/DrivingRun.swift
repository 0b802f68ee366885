package import HarborFleet
package import Supervision

/// Drives vehicles in real time and reports them once per interval.
package struct DrivingRun: Sendable {
    /// The most fixes that one POST may have.
    static let fixesPerPost = 1000

    private let fleet: DrivingFleet
    private let sender: FixSender
    private let interval: Duration
    private let duration: Duration?
    private let clock: any SupervisionClock
    private let wallClock: any WallClock

    /// - Parameters:
    ///   - interval: the time from one report to the next. A report that cannot be sent in time is skipped; the
    ///     vehicles continue to drive.
    ///   - duration: how long to drive, and to retry POSTs; nil: until the task is cancelled.
    package init(
        fleet: DrivingFleet, sender: FixSender, interval: Duration, duration: Duration?,
        clock: any SupervisionClock = SystemSupervisionClock(), wallClock: any WallClock = SystemWallClock()
    ) {
        self.fleet = fleet
        self.sender = sender
        self.interval = interval
        self.duration = duration
        self.clock = clock
        self.wallClock = wallClock
    }

    /// - Throws: `SimulatorError`; `CancellationError` when the task was cancelled.
    package func run() async throws {
        var fleet = fleet
        let start = clock.now()
        let end = duration.map { start.advanced(by: $0) }
        var previous = start
        var next = start
        while end.map({ next < $0 }) ?? true {
            try await clock.sleep(until: next)
            let now = clock.now()
            let seconds = previous.duration(to: now) / .seconds(1)
            let fixes = fleet.advance(bySeconds: seconds, now: wallClock.now())
            try await sender.send(fixes, perPost: Self.fixesPerPost, until: end) { index in
                "\(fixes[index].vehicleID) at \(fixes[index].recordedAt.rfc3339)"
            }
            previous = now
            next = max(next.advanced(by: interval), clock.now())
        }
    }
}
