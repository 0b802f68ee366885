/// Keeps a fixed list of children running, by the rules of an OTP supervisor.
///
/// If a child throws at its first start, before it is ready, the supervisor ends (`childFailedToStart`): such a fault
/// must be reported, because a retry would only repeat it. Later, a child that ends is restarted as its spec and the
/// strategy say. If that happens too often, the supervisor ends (`tooManyRestarts`), because restarts at this level
/// do not help.
///
/// ```swift
/// let supervisor = Supervisor(name: "server", strategy: .restForOne, children: [pool, recorder, endpoint])
/// try await supervisor.run()
/// ```
package final class Supervisor: Sendable {
    /// Which siblings are restarted with a child.
    package enum Strategy: Sendable {
        /// No siblings.
        case oneForOne
        /// The siblings that start after it.
        case restForOne
    }

    private let driver: SupervisionDriver<SupervisorState>

    /// Makes a supervisor. Nothing runs before `run()`.
    ///
    /// - Parameters:
    ///   - intensity: the limit of restarts for all children together. Default: 3 restarts within 5 s.
    ///   - children: they start in this order, each after the one before it is ready (or has returned), and stop in
    ///     reverse order. Their ids must differ.
    ///   - observer: receives every event of the children.
    package init(
        name: String, strategy: Strategy, intensity: RestartIntensity = RestartIntensity(),
        children: [ChildSpec], clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) {
        precondition(Set(children.map(\.id)).count == children.count, "children of \(name) share an id")
        let state = SupervisorState(strategy: strategy, intensity: intensity, children: children)
        driver = SupervisionDriver(name: name, state: state, clock: clock, observer: observer)
    }

    /// Starts the children and keeps them running until the task is cancelled. Then it stops them and returns.
    ///
    /// It may be called again once it has ended.
    ///
    /// - Parameter onReady: called once, when every child has been ready.
    /// - Throws: `childFailedToStart` or `tooManyRestarts`, both after all children were stopped; `alreadyRunning`.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {
        try await driver.run(onReady: onReady)
    }

    /// The tree from this supervisor down. It may be called from any thread and does not wait for a task.
    package var tree: SupervisionNode { driver.tree }

    /// This supervisor as a child of another one.
    package var childSpec: ChildSpec { driver.childSpec }
}
