/// Keeps a fixed list of children running, by the rules of an OTP supervisor.
///
/// A child that throws before it was ever ready ends the supervisor (`childFailedToStart`): what cannot start
/// at all is a fault to report, not to repeat. From then on a child that ends is restarted as its spec and the
/// strategy say, until that happens too often (`tooManyRestarts`): then the fault is above this supervisor.
///
/// ```swift
/// let supervisor = Supervisor(name: "server", strategy: .restForOne, children: [pool, recorder, endpoint])
/// try await supervisor.run()
/// ```
package final class Supervisor: Sendable {
    /// Which siblings are restarted with a child.
    package enum Strategy: Sendable {
        /// None.
        case oneForOne
        /// Those after it.
        case restForOne
    }

    private let driver: SupervisionDriver<SupervisorState>

    /// A supervisor; nothing runs before `run()`.
    ///
    /// - Parameters:
    ///   - intensity: for all children together; 3 restarts within 5 s unless said.
    ///   - children: started in this order, each after the one before was ready (or had returned); stopped in
    ///     reverse order. Their ids must differ.
    ///   - observer: told of everything that happens to a child.
    package init(
        name: String, strategy: Strategy, intensity: RestartIntensity = RestartIntensity(),
        children: [ChildSpec], clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) {
        precondition(Set(children.map(\.id)).count == children.count, "children of \(name) share an id")
        let state = SupervisorState(strategy: strategy, intensity: intensity, children: children)
        driver = SupervisionDriver(name: name, state: state, clock: clock, observer: observer)
    }

    /// Starts the children and keeps them running until the task is cancelled; then stops them and returns.
    ///
    /// May be called again once it has ended.
    ///
    /// - Parameter onReady: called once, when every child was ready.
    /// - Throws: `childFailedToStart`, `tooManyRestarts` (after all children were stopped), `alreadyRunning`.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {
        try await driver.run(onReady: onReady)
    }

    /// The tree from here down; any thread, never waits.
    package var tree: SupervisionNode { driver.tree }

    /// This supervisor as a child of another.
    package var childSpec: ChildSpec { driver.childSpec }
}
