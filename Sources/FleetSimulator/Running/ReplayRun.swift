import HarborFleet
package import Supervision

/// Sends a recording in its order: as fast as the server accepts it, or at a multiple of real time.
package struct ReplayRun: Sendable {
    static let fixesPerPost = 100

    private let fixes: [RecordedFix]
    private let sender: FixSender
    /// When each fix is due; nil: as fast as the server accepts.
    private let pace: ReplayPace?
    private let clock: any SupervisionClock

    /// - Parameters:
    ///   - fixes: in time order.
    ///   - speed: how many times faster than real time, more than 0; nil: as fast as the server accepts.
    ///   - longestGap: the replay skips longer gaps in the recording's time.
    package init(
        fixes: [RecordedFix], sender: FixSender, speed: Double?, longestGap: Duration,
        clock: any SupervisionClock = SystemSupervisionClock()
    ) {
        self.fixes = fixes
        self.sender = sender
        self.clock = clock
        pace = speed.map { ReplayPace(fixes, speed: $0, longestGap: longestGap) }
    }

    /// The gaps that the replay skips, in a sentence; nil when there are none.
    package var skippedGaps: String? {
        guard let gaps = pace?.skippedGaps, gaps.count > 0 else { return nil }
        return "not waiting for gaps longer than --max-gap-s: \(gaps.list)"
    }

    /// - Throws: `SimulatorError`; `CancellationError` when the task was cancelled.
    package func run() async throws {
        guard let pace else {
            _ = try await send(fixes[...])
            return
        }
        // The instant at which the offset zero is due.
        var origin = clock.now()
        var next = 0
        // The number of fixes in a row that the server has refused.
        var refusedCount = 0
        while next < fixes.count {
            try await clock.sleep(until: origin.advanced(by: pace.offsets[next]))
            let due = pace.firstIndex(dueAfter: origin.duration(to: clock.now()), from: next + 1)
            // After n refused fixes in a row the next n are sent at once, at most one POST of them. So a long stretch
            // of old fixes takes few POSTs.
            let end = max(due, min(next + min(refusedCount, Self.fixesPerPost), fixes.count))
            let isAnyTaken = try await send(fixes[next..<end])
            refusedCount = isAnyTaken ? 0 : refusedCount + (end - next)
            // Refused fixes set no pace: later fixes do not wait for them. Of fixes that are sent at once, the
            // last one sets the pace.
            let pacing = isAnyTaken ? end - 1 : end
            if !isAnyTaken || end > due, pacing < fixes.count {
                origin = clock.now().advanced(by: .zero - pace.offsets[pacing])
            }
            next = end
        }
    }

    private func send(_ fixes: ArraySlice<RecordedFix>) async throws -> Bool {
        try await sender.send(fixes.map(\.fix), perPost: Self.fixesPerPost) { index in
            fixes[fixes.startIndex + index].place
        }
    }
}
