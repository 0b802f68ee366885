import Synchronization

/// Performs the decisions of one supervisor's state.
///
/// Events come from any thread and are decided under one lock, which also keeps the actions in order;
/// `run()` alone performs them, so that a child's stop never overtakes its start.
final class SupervisionDriver<State: SupervisingState>: Sendable {
    private struct Desk {
        var state: State
        var actions: [SupervisionAction] = []
        var performer: CheckedContinuation<Void, Never>?
    }

    let clock: any SupervisionClock
    private let name: String
    private let observer: SupervisionObserver
    private let desk: Mutex<Desk>

    init(
        name: String, state: State, clock: any SupervisionClock, observer: @escaping SupervisionObserver
    ) {
        self.name = name
        self.clock = clock
        self.observer = observer
        desk = Mutex(Desk(state: state))
    }

    /// Reads the state; any thread, no waiting.
    func read<Result: Sendable>(_ body: (State) -> Result) -> Result { desk.withLock { body($0.state) } }

    /// Changes the state; the actions that come out are performed by `run()`.
    func decide<Failure: Error>(
        _ transition: (inout State) throws(Failure) -> [SupervisionAction]
    ) throws(Failure) {
        let performer = try desk.withLock { desk throws(Failure) in
            desk.actions += try transition(&desk.state)
            defer { desk.performer = nil }
            return desk.performer
        }
        performer?.resume()
    }

    /// Runs until the task is cancelled or the state gives up; returns once no child is waited for.
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

    /// Does one thing; returns how `run()` ends when this was the last.
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

    /// The actions decided since the last call. Not ended by cancellation: that is an event like others.
    private func nextActions() async -> [SupervisionAction] {
        await withCheckedContinuation { continuation in
            let isAnyThere = desk.withLock { desk in
                if desk.actions.isEmpty { desk.performer = continuation }
                return !desk.actions.isEmpty
            }
            if isAnyThere { continuation.resume() }
        }
        return desk.withLock { desk in
            defer { desk.actions = [] }
            return desk.actions
        }
    }
}
