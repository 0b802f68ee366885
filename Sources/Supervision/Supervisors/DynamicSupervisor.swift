/// Keeps children running that come and go, each with a restart intensity of its own.
///
/// A child that fails more often than its intensity allows is quarantined while the others live on: it is not
/// restarted before its cool-down has gone by, or before `release(id:)`. Restarts follow each other at once, so
/// a child that depends on something slow to come back should wait for it by itself.
///
/// ```swift
/// try await trackers.ensureReady(ChildSpec(id: "fleet-1") { context in … })
/// ```
package final class DynamicSupervisor: Sendable {
    /// The supervisor's name in the tree and in events.
    package let name: String
    private let driver: SupervisionDriver<DynamicSupervisorState>

    /// A supervisor without children; takes them once `run()` is under way.
    ///
    /// - Parameters:
    ///   - intensity: for each child by itself; 3 restarts within 5 s unless said.
    ///   - coolDown: 60 s, doubling to 10 min, unless said. A child that then lived as long as its last
    ///     cool-down begins with the first one again.
    ///   - observer: told of everything that happens to a child.
    package init(
        name: String, intensity: RestartIntensity = RestartIntensity(), coolDown: CoolDown = CoolDown(),
        clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) {
        self.name = name
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

    /// Has a child started; returns at once. One that ends for good is forgotten.
    ///
    /// - Throws: `alreadyStarted`, `quarantined`, `notRunning`.
    package func start(_ spec: ChildSpec) throws(SupervisorError) {
        let now = driver.clock.now()
        try driver.decide { state throws(SupervisorError) in try state.startWanted(spec, at: now) }
    }

    /// Has a child started unless it is there, and returns once it is ready (after restarts, if need be).
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
        do {
            try await ending?.value()
        } catch {
            // Only the caller's cancellation comes here; the child is stopped all the same.
        }
    }

    /// Whether a child failed too often and waits for its cool-down. Any thread, never waits.
    package func isQuarantined(_ id: String) -> Bool { driver.read { $0.quarantineEnd(of: id) != nil } }

    /// How long a child stays quarantined; nil when it is not. Any thread, never waits.
    package func quarantineRemaining(_ id: String) -> Duration? {
        let now = driver.clock.now()
        return driver.read { $0.quarantineEnd(of: id) }.map { max(.zero, now.duration(to: $0)) }
    }

    /// Has a quarantined child started again now, with its full number of restarts.
    package func release(id: String) {
        let now = driver.clock.now()
        driver.decide { $0.released(id, at: now) }
    }

    /// The ids of all quarantined children, sorted.
    package var quarantined: [String] { driver.read { $0.quarantined } }

    /// The tree from here down; any thread, never waits.
    package var tree: SupervisionNode {
        let now = driver.clock.now()
        let (own, children) = driver.read { ($0.node(named: name, at: now), $0.children) }
        return own.with(children, at: now)
    }

    /// This supervisor as a child of another.
    ///
    /// - Parameter shutdown: 30 s unless said; should exceed the longest of the children's.
    package func childSpec(
        restart: ChildSpec.Restart = .permanent, shutdown: Duration = .seconds(30)
    ) -> ChildSpec {
        ChildSpec(
            id: name, restart: restart, shutdown: shutdown,
            inspect: { ChildInspection(node: self.tree) },
            run: { context in try await self.run(onReady: context.ready) })
    }
}
