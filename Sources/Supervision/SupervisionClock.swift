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
