package import HarborFleet
package import Supervision

/// A recording sent in its order: as fast as it is accepted, or at a multiple of the time it took.
package struct ReplayRun: Sendable {
    static let fixesPerPost = 100
    /// Ten years: what no one waits for is not computed.
    private static let longestWaitSeconds = 3.15e8

    private let fixes: [Fix]
    private let sender: FixSender
    private let speed: Double?
    private let clock: any SupervisionClock

    /// - Parameters:
    ///   - fixes: in time order.
    ///   - speed: how many times faster than real time, more than 0; nil: as fast as the server accepts.
    package init(
        fixes: [Fix], sender: FixSender, speed: Double?,
        clock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.fixes = fixes
        self.sender = sender
        self.speed = speed
        self.clock = clock
    }

    /// - Throws: `SimulatorError`; `CancellationError` when the task was cancelled.
    package func run() async throws {
        guard let speed, let first = fixes.first else {
            try await send(fixes[...])
            return
        }
        let start = clock.now()
        var rest = fixes[...]
        while let next = rest.first {
            try await clock.sleep(until: start.advanced(by: wait(from: first, to: next, speed)))
            let elapsed = start.duration(to: clock.now())
            let due = rest.prefix { wait(from: first, to: $0, speed) <= elapsed }
            let batch = due.isEmpty ? rest.prefix(1) : due
            try await send(batch)
            rest = rest.dropFirst(batch.count)
        }
    }

    private func send(_ fixes: ArraySlice<Fix>) async throws {
        try await sender.send(fixes, perPost: Self.fixesPerPost) { index in
            let fix = fixes[fixes.startIndex + index]
            return "\(fix.vehicleID) at \(RFC3339.format(fix.recordedAt))"
        }
    }

    private func wait(from first: Fix, to fix: Fix, _ speed: Double) -> Duration {
        let seconds = Double(fix.recordedAt.milliseconds &- first.recordedAt.milliseconds) / 1000 / speed
        return .seconds(min(max(seconds, 0), Self.longestWaitSeconds))
    }
}
