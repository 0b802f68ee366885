import Synchronization

/// Performs the actions that one supervisor's state decides on.
///
/// Events come from any thread. They are decided under one lock, which also keeps the actions in order. Only `run()`
/// performs the actions, so a child's stop can never overtake its start.
final class SupervisionDriver<State: SupervisingState>: Sendable {
    private struct Work {
        var state: State
        /// Actions that are decided but not performed yet.
        var actions: [SupervisionAction] = []
        var performer: CheckedContinuation<Void, Never>?
    }

    let clock: any SupervisionClock
    private let name: String
    private let observer: SupervisionObserver
    private let work: Mutex<Work>

    init(
        name: String, state: State, clock: any SupervisionClock, observer: @escaping SupervisionObserver
    ) {
        self.name = name
        self.clock = clock
        self.observer = observer
        work = Mutex(Work(state: state))
    }

    /// Reads the state. It may be called from any thread and does not wait for a task.
    func read<Result: Sendable>(_ body: (State) -> Result) -> Result { work.withLock { body($0.state) } }

    /// The tree from this supervisor down. It may be called from any thread and does not wait for a task.
    var tree: SupervisionNode {
        let now = clock.now()
        let (state, beganAt, children) = read { ($0.nodeState, $0.beganAt, $0.children) }
        return SupervisionNode(
            name: name, kind: State.kind, state: state,
            uptime: state == .finished ? nil : beganAt.map { $0.duration(to: now) },
            children: children.map { $0.node(at: now) })
    }

    /// This supervisor as a child of another one. It has 30 s to end, which should be more than its
    /// children need together.
    var childSpec: ChildSpec {
        ChildSpec(
            id: name, shutdown: .seconds(30),
            inspect: { ChildInspection(node: self.tree) },
            run: { context in try await self.run(onReady: context.ready) })
    }

    /// Changes the state. `run()` performs the actions that result.
    func decide<Failure: Error>(
        _ transition: (inout State) throws(Failure) -> [SupervisionAction]
    ) throws(Failure) {
        let performer = try work.withLock { work throws(Failure) in
            work.actions += try transition(&work.state)
            defer { work.performer = nil }
            return work.performer
        }
        performer?.resume()
    }

    /// Runs until the task is cancelled or the state gives up. Returns once no child is left to wait for.
    func run(onReady: @Sendable () -> Void) async throws(SupervisorError) {
        let now = clock.now()
        try decide { state throws(SupervisorError) in try state.began(at: now) }
        let result = await withTaskCancellationHandler {
            await perform(onReady)
        } onCancel: {
            decide { $0.stopRequested() }
        }
        try result.get()
    }

    private func perform(_ onReady: @Sendable () -> Void) async -> Result<Void, SupervisorError> {
        var tasks = ChildTasks(clock: clock) { report in
            self.decide { $0.reported(report, at: self.clock.now()) }
        }
        while true {
            for action in await nextActions() {
                if let result = perform(action, &tasks, onReady) { return result }
            }
        }
    }

    /// Performs one action.
    /// - Returns: the result of `run()` if this was the last action; else nil.
    private func perform(
        _ action: SupervisionAction, _ tasks: inout ChildTasks, _ onReady: () -> Void
    ) -> Result<Void, SupervisorError>? {
        switch action {
        case .start(let spec, let generation, let restarts):
            tasks.start(spec, generation: generation, restarts: restarts)
        case .cancel(let child, let generation, let shutdown):
            tasks.cancel(child, generation: generation, shutdown: shutdown)
        case .coolDown(let child, let generation, let until):
            tasks.setTimer(
                until, ChildReport(child: child, generation: generation, kind: .coolDownOver))
        case .forget(let generation): tasks.forget(generation)
        case .notify(let child, let kind):
            observer(SupervisionEvent(supervisor: name, child: child, kind: kind))
        case .fulfil(let promise, let result): promise.fulfil(result)
        case .allReady: onReady()
        case .end(let result): return result
        }
        return nil
    }

    /// Waits for actions and returns those decided since the last call. Cancellation does not end this wait, because
    /// it is an event like any other and leads to actions.
    private func nextActions() async -> [SupervisionAction] {
        await withCheckedContinuation { continuation in
            let isAnyThere = work.withLock { work in
                if work.actions.isEmpty { work.performer = continuation }
                return !work.actions.isEmpty
            }
            if isAnyThere { continuation.resume() }
        }
        return work.withLock { work in
            defer { work.actions = [] }
            return work.actions
        }
    }
}
