/// Keeps children running that come and go, each with a restart intensity of its own.
package final class DynamicSupervisor: Sendable {
    package let name: String

    package init(
        name: String, intensity: RestartIntensity = RestartIntensity(), coolDown: CoolDown = CoolDown(),
        clock: any SupervisionClock = SystemSupervisionClock(),
        observer: @escaping SupervisionObserver = { _ in }
    ) { self.name = name }

    /// Runs until the task is cancelled; then stops all children at once and returns.
    package func run(onReady: @escaping @Sendable () -> Void = {}) async throws(SupervisorError) {}

    /// Starts a child; returns at once.
    package func start(_ spec: ChildSpec) throws(SupervisorError) {}

    /// Starts a child unless it is there, and returns once it is ready.
    package func ensureReady(_ spec: ChildSpec) async throws(SupervisorError) {}

    /// Stops a child and forgets it; returns once it has ended or was abandoned.
    package func stop(id: String) async {}

    /// Whether a child failed too often and waits for its cool-down.
    package func isQuarantined(_ id: String) -> Bool { false }

    /// How long a child stays quarantined; nil when it is not.
    package func quarantineRemaining(_ id: String) -> Duration? { nil }

    /// Starts a quarantined child again now.
    package func release(id: String) {}

    /// The ids of all quarantined children, sorted.
    package var quarantined: [String] { [] }

    /// The tree below, from any thread.
    package var tree: SupervisionNode { .init(name: name, kind: .dynamicSupervisor, state: .waiting) }

    /// This supervisor as a child of another.
    package func childSpec(
        restart: ChildSpec.Restart = .permanent, shutdown: Duration = .seconds(30)
    ) -> ChildSpec { ChildSpec(id: name) { try await self.run(onReady: $0.ready) } }
}

/// How long a child that failed too often is left alone: doubles each time up to a maximum.
package struct CoolDown: Sendable, Equatable {
    /// The first one.
    package var initial: Duration
    /// The longest one.
    package var maximum: Duration

    /// 60 s, doubling to 10 min, unless said.
    package init(initial: Duration = .seconds(60), maximum: Duration = .seconds(600)) {
        self.initial = initial
        self.maximum = maximum
    }
}
