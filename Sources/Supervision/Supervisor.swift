/// Keeps a fixed list of children running.
package final class Supervisor: Sendable {
    /// Which siblings are restarted with a child that failed.
    package enum Strategy: Sendable { case oneForOne, restForOne, oneForAll }

    package let name: String

    /// - Parameters:
    ///   - children: started in this order, each after the one before was ready; stopped in reverse order.
    ///   - observer: told of everything that happens to a child.
    package init(
        name: String, strategy: Strategy, intensity: RestartIntensity = RestartIntensity(),
        children: [ChildSpec], clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) { self.name = name }

    /// Starts the children and keeps them running until the task is cancelled; then stops them and returns.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {}

    /// The tree below, from any thread.
    package var tree: SupervisionNode { .init(name: name, kind: .supervisor, state: .waiting) }

    /// This supervisor as a child of another.
    package func childSpec(
        restart: ChildSpec.Restart = .permanent, shutdown: Duration = .seconds(30)
    ) -> ChildSpec { ChildSpec(id: name) { try await self.run(onReady: $0.ready) } }
}
