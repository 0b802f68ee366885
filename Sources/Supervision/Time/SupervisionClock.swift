/// The clock that supervisors and jobs use. It is injected, so that a test can move the time by hand.
public protocol SupervisionClock: Sendable {
    /// The current instant; never goes back.
    func now() -> ContinuousClock.Instant

    /// Returns once `deadline` is reached; throws `CancellationError` when the task is cancelled before.
    func sleep(until deadline: ContinuousClock.Instant) async throws
}

/// The machine's clock, for production.
package struct SystemSupervisionClock: SupervisionClock {
    package init() {}

    package func now() -> ContinuousClock.Instant { ContinuousClock.now }

    package func sleep(until deadline: ContinuousClock.Instant) async throws {
        try await ContinuousClock().sleep(until: deadline)
    }
}

extension SupervisionClock {
    /// Returns once `deadline` is reached (nil means never), or `signal` is raised, which lowers it.
    ///
    /// So a task can wait for a moment that may change, without polling: a change of the moment raises the signal.
    /// - Returns: whether the signal ended the sleep.
    /// - Throws: `CancellationError` when the task is cancelled before.
    @discardableResult
    package func sleep(
        until deadline: ContinuousClock.Instant?, wokenBy signal: Signal
    ) async throws -> Bool {
        let isWoken: Bool
        if let deadline {
            isWoken = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await self.sleep(until: deadline)
                    return false
                }
                group.addTask { await signal.wait() }
                defer { group.cancelAll() }
                return try await group.next() ?? false
            }
        } else {
            isWoken = await signal.wait()
        }
        try Task.checkCancellation()
        return isWoken
    }
}
