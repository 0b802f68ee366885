/// The time that supervisors live by: injected, so that tests move it by hand.
package protocol SupervisionClock: Sendable {
    /// The present instant; never goes back.
    func now() -> ContinuousClock.Instant

    /// Returns once `deadline` has come; throws `CancellationError` when the task is cancelled before.
    func sleep(until deadline: ContinuousClock.Instant) async throws
}

/// The clock of the machine.
package struct SystemSupervisionClock: SupervisionClock {
    package init() {}

    package func now() -> ContinuousClock.Instant { ContinuousClock.now }

    package func sleep(until deadline: ContinuousClock.Instant) async throws {
        try await ContinuousClock().sleep(until: deadline)
    }
}

extension SupervisionClock {
    /// Returns once `deadline` has come (nil: never), or a message lies in `wakeUps`, which is taken.
    ///
    /// So who waits for a moment that can change costs nothing meanwhile: whoever changes it leaves a message.
    /// Throws `CancellationError` when the task is cancelled before.
    package func sleep(
        until deadline: ContinuousClock.Instant?, wokenBy wakeUps: Mailbox<Void>
    ) async throws {
        guard let deadline else {
            _ = await wakeUps.receive()
            return try Task.checkCancellation()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.sleep(until: deadline) }
            group.addTask { _ = await wakeUps.receive() }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }
}
