/// The tasks and timers of one supervisor's children.
///
/// Children are unstructured tasks: a task group can cancel only all of its tasks and must wait for each, but a
/// supervisor stops single children and abandons one that ignores its cancellation. Belongs to one `run()`.
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
            // When it is cancelled, what the timer watched has come to its end.
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
