/// Keeps children running that come and go, each with a restart intensity of its own.
///
/// A child that fails more often than its intensity allows is quarantined while the others live on: it is not
/// restarted before its cool-down has gone by. Restarts follow each other at once, so a child that depends on
/// something slow to come back should wait for it by itself.
///
/// ```swift
/// try await trackers.ensureReady(ChildSpec(id: "fleet-1") { context in … })
/// ```
package final class DynamicSupervisor: Sendable {
    private let driver: SupervisionDriver<DynamicSupervisorState>

    /// A supervisor without children; takes them once `run()` is under way.
    ///
    /// - Parameters:
    ///   - intensity: for each child by itself; 3 restarts within 5 s unless said.
    ///   - coolDown: 60 s, doubling to 10 min, unless said. A child that then lived as long as its last
    ///     cool-down begins with the first one again.
    ///   - observer: told of everything that happens to a child.
    package init(
        name: String, intensity: RestartIntensity = RestartIntensity(),
        coolDown: Backoff = Backoff(initial: .seconds(60), maximum: .seconds(600)),
        clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) {
        let state = DynamicSupervisorState(intensity: intensity, coolDown: coolDown)
        driver = SupervisionDriver(name: name, state: state, clock: clock, observer: observer)
    }

    /// Takes children until the task is cancelled; then stops all of them at once and returns.
    ///
    /// - Parameter onReady: called once, when children are taken.
    /// - Throws: `alreadyRunning`.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {
        try await driver.run(onReady: onReady)
    }

    /// Has a child started unless it is there, and returns once it is ready (after restarts, if need be). A child that
    /// ends for good is forgotten.
    ///
    /// - Throws: `quarantined`, `childEnded`, `notRunning`; `cancelled` when the waiting task was.
    package func ensureReady(_ spec: ChildSpec) async throws(SupervisorError) {
        let now = driver.clock.now()
        var readiness: Promise<Void>?
        try driver.decide { state throws(SupervisorError) in
            let wanted = try state.readinessWanted(spec, at: now)
            readiness = wanted.readiness
            return wanted.actions
        }
        do {
            try await readiness?.value()
        } catch let error as SupervisorError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    /// Stops a child and forgets it; returns once it has ended, was abandoned, or the waiting task is cancelled.
    package func stop(id: String) async {
        var ending: Promise<Void>?
        driver.decide { state in
            let stop = state.stopWanted(id)
            ending = stop.ending
            return stop.actions
        }
        // Only the caller's cancellation throws, and the child is stopped then too.
        try? await ending?.value()
    }

    /// The ids of all quarantined children, sorted. Any thread, never waits.
    package var quarantined: [String] { driver.read { $0.quarantined } }

    /// The tree from here down; any thread, never waits.
    package var tree: SupervisionNode { driver.tree }

    /// This supervisor as a child of another.
    package var childSpec: ChildSpec { driver.childSpec }
}
