/// Keeps a changing set of children running, each with a restart intensity of its own.
///
/// A child that fails more often than its intensity allows is quarantined: it is not restarted before its cool-down is
/// over. The other children are not affected. Restarts follow each other without a delay, so a child that depends on
/// something that is slow to recover should itself wait for it.
///
/// ```swift
/// try await trackers.ensureReady(ChildSpec(id: "fleet-1") { context in … })
/// ```
package final class DynamicSupervisor: Sendable {
    private let driver: SupervisionDriver<DynamicSupervisorState>

    /// Makes a supervisor without children. It accepts children once `run()` is in progress.
    ///
    /// - Parameters:
    ///   - intensity: the limit of restarts for each single child. Default: 3 restarts within 5 s.
    ///   - coolDown: the lengths of a child's cool-downs. Default: 60 s, doubling up to 10 min. If a child has lived
    ///     for as long as its last cool-down, they begin with the first again.
    ///   - observer: receives every event of the children.
    package init(
        name: String, intensity: RestartIntensity = RestartIntensity(),
        coolDown: Backoff = Backoff(initial: .seconds(60), maximum: .seconds(600)),
        clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) {
        let state = DynamicSupervisorState(intensity: intensity, coolDown: coolDown)
        driver = SupervisionDriver(name: name, state: state, clock: clock, observer: observer)
    }

    /// Accepts children until the task is cancelled. Then it stops all of them at once and returns.
    ///
    /// - Parameter onReady: called once, when children are accepted.
    /// - Throws: `alreadyRunning`.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {
        try await driver.run(onReady: onReady)
    }

    /// Starts a child unless it exists, and returns once it is ready, even if that takes restarts. A child that ends
    /// without a restart is removed.
    ///
    /// - Throws: `quarantined`, `childEnded`, `notRunning`; `cancelled` when the waiting task is cancelled.
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

    /// Stops a child and removes it. Returns once it has ended or is abandoned, or when the waiting task is cancelled.
    package func stop(id: String) async {
        var ending: Promise<Void>?
        driver.decide { state in
            let stop = state.stopWanted(id)
            ending = stop.ending
            return stop.actions
        }
        // This throws only when the caller's task is cancelled. The child is stopped in that case, too.
        try? await ending?.value()
    }

    /// The ids of all quarantined children, sorted. It may be called from any thread and does not wait for a task.
    package var quarantined: [String] { driver.read { $0.quarantined } }

    /// The tree from this supervisor down. It may be called from any thread and does not wait for a task.
    package var tree: SupervisionNode { driver.tree }

    /// This supervisor as a child of another one.
    package var childSpec: ChildSpec { driver.childSpec }
}
