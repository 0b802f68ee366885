/// Starts and cancels the tasks and timers of one supervisor's children. It belongs to one call of `run()`.
///
/// Children are unstructured tasks, because a task group can only cancel all of its tasks together and must wait for
/// each of them. A supervisor must stop single children, and must abandon a child that ignores its cancellation.
struct ChildTasks {
    private let clock: any SupervisionClock
    private let report: @Sendable (ChildReport) -> Void
    private var tasks: [UInt64: Task<Void, Never>] = [:]
    private var timers: [UInt64: Task<Void, Never>] = [:]

    init(clock: any SupervisionClock, report: @escaping @Sendable (ChildReport) -> Void) {
        self.clock = clock
        self.report = report
    }

    mutating func start(_ spec: ChildSpec, generation: UInt64, restarts: Int) {
        let report = report
        let context = ChildContext(restarts: restarts, generation: generation) {
            report(ChildReport(child: spec.id, generation: generation, kind: .ready))
        }
        tasks[generation] = Task {
            let ending = await Self.ending(of: spec, in: context)
            report(ChildReport(child: spec.id, generation: generation, kind: .ended(ending)))
        }
    }

    mutating func cancel(_ child: String, generation: UInt64, shutdown: Duration) {
        let overdue = ChildReport(child: child, generation: generation, kind: .overdue)
        setTimer(clock.now().advanced(by: shutdown), overdue)
        tasks[generation]?.cancel()
    }

    mutating func setTimer(_ deadline: ContinuousClock.Instant, _ due: ChildReport) {
        let (clock, report) = (clock, report)
        timers[due.generation] = Task {
            // The sleep throws only when the timer is cancelled. Then the report is no longer needed.
            if (try? await clock.sleep(until: deadline)) != nil { report(due) }
        }
    }

    mutating func forget(_ generation: UInt64) {
        tasks[generation] = nil
        timers.removeValue(forKey: generation)?.cancel()
    }

    private static func ending(of spec: ChildSpec, in context: ChildContext) async -> ChildEnding {
        do {
            try await spec.run(context)
            return .returned
        } catch {
            return .threw(String(describing: error))
        }
    }
}
